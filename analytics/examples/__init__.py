"""Statements to begin with: the first line of each file is its title."""
