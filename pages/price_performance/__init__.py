"""The page on price-performance."""
