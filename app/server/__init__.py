"""The dashboard's process."""
