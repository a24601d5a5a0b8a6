"""Startup latency."""
