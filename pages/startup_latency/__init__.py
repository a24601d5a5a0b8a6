"""The Startup latency page."""
