"""The Utilization page."""
