"""Which service quotas the history ran into, and what to ask for."""
