"""Advice: one list over all advisors, what was decided on it, and whether it paid."""
