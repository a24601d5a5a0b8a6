"""Opening a home: the store, its reference tables, and whatever was landed but not yet merged."""

from data.ingest.pipeline import resume
from data.store.home import Home
from data.store.reference_tables import load_reference
from data.store.store import Store


def open_home(home: Home) -> Store:
    """Open the store of `home`, complete and up to date with its landing.

    Raises:
        StokerError: another process holds the database.
    """
    store = Store.open(home)
    is_changed = load_reference(store)
    if not resume(store) and is_changed:
        store.derive()
    return store
