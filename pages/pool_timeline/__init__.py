"""The Pool timeline page."""
