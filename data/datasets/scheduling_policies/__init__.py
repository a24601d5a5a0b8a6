"""Scheduling policies: decay, reservation and weights of shares, as observed."""
