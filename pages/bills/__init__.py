"""The page Bills."""
