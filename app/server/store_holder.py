"""The store that this process has open: one, whichever page or command comes first."""

import threading
from contextlib import suppress

import duckdb

from analytics.derived.derive import derive
from data import background
from data.ingest.home_store import open_home
from data.store.home import home_folder
from data.store.store import Store

LAST_WORK_S = 3

_opening = threading.Lock()
_held: list[Store] = []


def held_store() -> Store:
    """Return the store of the home that STOKER_HOME names, open for as long as this process runs.

    Not a cached resource of Streamlit: those can be cleared, and the file cannot be opened twice.
    """
    with _opening:
        if not _held:
            _held.append(open_home(home_folder(), derivation=derive))
        return _held[0]


def hold(store: Store) -> None:
    """Make an open store the one that pages and commands of this process use."""
    with _opening:
        _held[:] = [store]


def close_store() -> None:
    """Close this process's store, if it has one and nobody is using it.

    What is not closed is not lost: a process may die at any time.
    """
    if not background.end_within(LAST_WORK_S):
        return
    with _opening, suppress(duckdb.Error):
        while _held:
            _held.pop().close()
