"""Share replay: a queue's history under other settings."""
