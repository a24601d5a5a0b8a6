"""What pages are put together from: charts, filters, notices, formats."""
