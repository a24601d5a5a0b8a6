"""A user's own SELECT: checked, bounded, read-only."""
