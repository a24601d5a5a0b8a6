"""Reading from AWS: accounts, calls, what to read and how far it was read. Nothing is written."""
