"""The DuckDB file: one writer, snapshot reads; the home folder, settings, reference tables."""
