"""The shell: start, configure, route; the command line."""
