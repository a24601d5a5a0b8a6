"""The facts: sources, landing, checks, the DuckDB store, reference tables and the demo history."""
