"""What is computed after a merge, by the writer, pool by pool."""
