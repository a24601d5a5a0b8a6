"""Decisions on advice."""
