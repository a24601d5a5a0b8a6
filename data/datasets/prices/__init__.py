"""Prices: a user's own price file."""
