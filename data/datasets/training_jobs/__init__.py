"""Training jobs: AWS's JSON and any scheduler's export."""
