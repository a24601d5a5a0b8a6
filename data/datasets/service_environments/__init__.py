"""Service environments: how much capacity they allow, as observed."""
