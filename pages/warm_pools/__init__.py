"""The Warm pools page."""
