"""Keep-alive."""
