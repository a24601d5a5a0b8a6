"""Quantities that several subjects reckon with."""

SECONDS_PER_HOUR = 3600
HOURS_PER_DAY = 24
HOURS_PER_MONTH = 730
