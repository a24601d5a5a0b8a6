"""Queue snapshots: what waits at the front of a queue, and what capacity is in use."""
