"""Jobs, one row each."""
