"""Quantiles, ratios, bootstrap, ski rental: nothing of one subject."""
