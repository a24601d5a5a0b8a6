"""Service quotas: how many instances may train, and how many may be kept warm, as observed."""
