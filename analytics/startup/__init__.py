"""Startup latency, its phases, and what would shorten it."""
