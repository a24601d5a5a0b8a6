"""Warms the dashboard up: draws every page once, for nobody, so that no visitor waits for it."""

from data.store.reader import Reader
from pages.kit.catalog import pages
from pages.kit.frame import view_of


def warm_up(reader: Reader) -> None:
    """Have every page's first queries remembered, and whatever is compiled on first use."""
    for entry in pages():
        view_of(entry, reader)
