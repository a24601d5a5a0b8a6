"""One CSV, one JSON, one Parquet, for pages and command line alike."""
