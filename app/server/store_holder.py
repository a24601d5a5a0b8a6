"""The stores that this process has open: its home's, and that of the demo once somebody asks."""

import os
import threading
from contextlib import suppress

import duckdb

from analytics.derived.derive import derive
from app.cli.running_server import PORT_VARIABLE, publish, running_server, withdraw
from app.server.tokens import demo_server
from data import background
from data.demo.filling import fill_demo
from data.errors import StokerError
from data.ingest.home_store import open_home
from data.raw.inputs import Progress
from data.store.home import home_folder
from data.store.store import Store

LAST_WORK_S = 3

_opening = threading.Lock()
_held: list[Store] = []
_opening_demo = threading.Lock()
_demo: list[Store] = []


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


def demo_store() -> Store | None:
    """Return the store of the demo beside the home, if it is open."""
    return _demo[0] if _demo else None


def open_demo(progress: Progress) -> Store:
    """Return the store of the demo beside the home; open it first, and put its history in.

    Raises:
        StokerError: another process has it open.
        Cancelled: the caller's progress says so.
    """
    with _opening_demo:
        if _demo:
            return _demo[0]
        home = held_store().home.demo
        other = running_server(home)
        if other is not None:
            raise StokerError(
                f"Another dashboard has the demo open (process {other.pid}).",
                next_action="Stop it, or run `stoker serve --demo`: it says where that one is.",
            )
        store = open_home(home, derivation=derive, progress=progress)
        try:
            fill_demo(store, progress)
        except BaseException:
            store.close()
            raise
        port = os.environ.get(PORT_VARIABLE)  # without it nobody knows where we listen
        if port:
            publish(home, demo_server(int(port)))
        _demo.append(store)
        return store


def close_store() -> None:
    """Close this process's stores, if it has any and nobody is using them.

    What is not closed is not lost: a process may die at any time.
    """
    if not background.end_within(LAST_WORK_S):
        return
    for stores, opening in ((_demo, _opening_demo), (_held, _opening)):
        with opening, suppress(duckdb.Error):
            while stores:
                stores.pop().close()


def withdraw_demo(port: int) -> None:
    """Remove what says that this process has the demo open."""
    store = demo_store()
    if store is not None:
        withdraw(store.home, demo_server(port))
