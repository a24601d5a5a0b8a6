"""Opening a home: the store, its reference tables, and whatever was landed but not yet merged."""

import logging
import shutil

from data.datasets.catalog import datasets
from data.ingest.apart import resume
from data.ingest.derive_apart import derive_or_go_on
from data.ingest.forget import settle_forgotten
from data.ingest.parts import open_parts
from data.ingest.rebuild import Derivation, finish_swap, rebuild, remove_rebuilt
from data.raw.inputs import Progress
from data.store.home import Home
from data.store.reference_tables import load_reference
from data.store.schema import SchemaDiffersError
from data.store.store import Store

_log = logging.getLogger(__name__)


def open_home(
    home: Home, *, derivation: Derivation | None = None, progress: Progress | None = None
) -> Store:
    """Open the store of `home`, complete and up to date with its landing.

    A database that was made from other declarations is rebuilt first.

    Raises:
        StokerError: another process holds the database, or it cannot be rebuilt without a loss.
    """
    datasets()  # their tables are part of what the database is made from
    home.create()
    finish_swap(home)
    try:
        store = _opened(home)
    except SchemaDiffersError:
        rebuild(home, derivation=derivation, progress=progress)
        store = _opened(home)
    try:
        _clean(home)
        store.derivation = derivation
        is_changed = load_reference(store)
        settle_forgotten(store)
        is_changed = bool(resume(store, progress)) or is_changed
        if is_changed or derivation is not None:
            derive_or_go_on(store)  # also what a killed process has not derived
    except BaseException:
        store.close()
        raise
    return store


def _opened(home: Home) -> Store:
    store = Store.open(home)
    try:
        open_parts(store)
    except BaseException:
        store.close()
        raise
    return store


def _clean(home: Home) -> None:
    """Remove what killed processes have left: nobody else has the home open now."""
    remove_rebuilt(home)
    for left in home.scratch.iterdir():
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)
