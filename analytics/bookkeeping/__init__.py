"""What the store holds: jobs, runs, rejects, coverage, reference tables."""
