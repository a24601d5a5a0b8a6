"""Quantiles, bootstrap, back-test, ski rental: nothing of one subject."""
