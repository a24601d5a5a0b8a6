"""Startup latency and its phases."""
