"""What pages share: filters, cache, tables, charts, formats, labels, canvas."""
