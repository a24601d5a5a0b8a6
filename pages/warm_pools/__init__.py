"""Warm pools."""
