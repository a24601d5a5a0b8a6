"""Hostile files from a seed: well-formed ones of every kind that is read, damaged in every way."""
