"""One module a source: how its files are recognised and typed."""
