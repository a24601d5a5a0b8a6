"""Share replay: what other settings of a queue would have done."""
