"""The demo history: made-up jobs, marked as such."""
