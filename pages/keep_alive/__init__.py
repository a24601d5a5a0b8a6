"""The Keep-alive page."""
