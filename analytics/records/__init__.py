"""The records themselves: imports, rejected rows, coverage, reference tables."""
