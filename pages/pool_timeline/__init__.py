"""Pool timeline."""
