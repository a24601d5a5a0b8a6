"""Benchmark runs: how long a step took on which instances."""
