"""The pipeline: land, check, merge, derive; and rebuild."""
