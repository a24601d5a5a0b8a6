"""Service quotas: what they are, which of them the history ran into, and what to ask for."""
