"""Queues and shares: who used their capacity, who waited, what it cost, and what is wrong now."""
