"""Announcements: how they are sent, and the memory of those that were."""
