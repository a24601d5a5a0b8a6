"""Opening a home: the store, its reference tables, and whatever was landed but not yet merged."""

from collections.abc import Callable

from data.ingest.pipeline import resume
from data.store.home import Home
from data.store.reference_tables import load_reference
from data.store.store import Store


def open_home(home: Home, *, derivation: Callable[[Store], object] | None = None) -> Store:
    """Open the store of `home`, complete and up to date with its landing.

    Raises:
        StokerError: another process holds the database.
    """
    store = Store.open(home)
    if derivation is not None:
        store.derivation = derivation
    load_reference(store)
    resume(store)
    store.derive()
    return store
