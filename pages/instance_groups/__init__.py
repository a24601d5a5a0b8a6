"""The page on instance groups."""
