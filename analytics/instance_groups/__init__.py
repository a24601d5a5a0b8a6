"""Instance groups: what limits a training step, and which cluster would do it for less."""
