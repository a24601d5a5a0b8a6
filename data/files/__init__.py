"""Any tabular file and a mapping: from its columns to the columns of a declared table."""
