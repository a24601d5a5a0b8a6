"""Announcements: jobs that have ended and pools that are about to expire, and who is told."""
