"""Price-performance: what the same work costs on each configuration that was measured."""
