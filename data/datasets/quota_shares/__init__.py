"""Quota shares: capacity, lending, borrowing and preemption, as observed."""
