"""What comes in: input files, landing, redaction, and the hardened parser."""
