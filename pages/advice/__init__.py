"""The page Advice."""
