"""The Shares page."""
