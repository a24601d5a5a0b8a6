"""The life of a pool's clusters: actual, and what-if another keep-alive period."""
