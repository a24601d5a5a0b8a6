"""The kinds of record, a folder each: its table, how it lands, is checked and merges."""
