"""Prices: a user's own, and AWS's lists and rates."""
