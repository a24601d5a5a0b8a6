"""The Warm right now page."""
