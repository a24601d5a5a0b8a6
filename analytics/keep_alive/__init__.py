"""What every keep-alive period would have cost and saved, and which one to set."""
