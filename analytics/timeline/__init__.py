"""The life of a pool's clusters: as it was, and as it would have been with another period."""
