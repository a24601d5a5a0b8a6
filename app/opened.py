"""The store that this process has open: one, whichever page or command asks first."""

import threading
import time
from collections.abc import Callable

import duckdb

from data.errors import StokerError
from data.home import Home, home_folder
from data.opening import open_home
from data.store import Store

PATIENCE_S = 10.0
RETRY_S = 0.2

_opening = threading.Lock()
_opened: list[Store] = []


def opened_store() -> Store:
    """Return the store of the home that STOKER_HOME names, open for as long as this process runs."""
    with _opening:
        if not _opened:
            _opened.append(open_home(home_folder()))
        return _opened[0]


def keep_open(store: Store) -> None:
    """Make an open store the one that pages and commands of this process use."""
    with _opening:
        _opened[:] = [store]


def close_store() -> None:
    """Close this process's store, if it has one."""
    with _opening:
        while _opened:
            _opened.pop().close()


def open_waiting(
    home: Home, *, say: Callable[[str], object], meanwhile: Callable[[], None] = lambda: None
) -> Store:
    """Open `home`; while another process holds it, wait, and call `meanwhile` before each try.

    Raises:
        StokerError: it is still held after ten seconds.
    """
    give_up_at = time.monotonic() + PATIENCE_S
    has_said = False
    while True:
        meanwhile()
        try:
            return open_home(home)
        except StokerError as error:
            if not is_locked(error) or time.monotonic() > give_up_at:
                raise
        if not has_said:
            say("Another process is using the database; waiting for up to 10 s.\n")
            has_said = True
        time.sleep(RETRY_S)


def is_locked(error: StokerError) -> bool:
    """Whether a store could not be opened because another process holds its file."""
    return isinstance(error.__cause__, duckdb.IOException)
