"""Rebuilding the database from the landing, beside the old one, which is kept until then.

The new file takes the old one's place once it holds no fewer imports. A process that dies meanwhile
leaves the old database as it was; one that dies while they change places leaves the new one, which
whoever opens the home next puts in its place.
"""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress

import duckdb

from data.errors import LockedError, StokerError
from data.ingest.apart import batches, landed, merge_apart, merged_names, told, without_damaged
from data.ingest.failures import (
    FailedImport,
    failed_imports,
    keep_failure,
    keep_unreadable,
    list_failed,
)
from data.ingest.results import ImportFailure, Outcome
from data.raw.inputs import Progress
from data.raw.landing import ImportRecord, flush, forgotten_names, landed_names
from data.store.database import is_held
from data.store.home import Home
from data.store.reference_tables import load_reference
from data.store.store import Store

REBUILT = "stoker.rebuild.duckdb"
WHOLE = "stoker.whole.duckdb"
"""The new database once nothing is missing in it, on its way to the old one's place."""
DAMAGED = "stoker.damaged.duckdb"
"""The first database that could not be read: who knows what can be got out of it."""
LISTED_COUNT = 20

Derivation = Callable[[Store], None]


def rebuild(
    home: Home,
    *,
    derivation: Derivation | None = None,
    progress: Progress | None = None,
    accept_loss: bool = False,
) -> list[Outcome]:
    """Rebuild the database of `home`; return what became of each landed import.

    Args:
        progress: called with a step's name and its done share, 0 to 1; it may raise `Cancelled`,
            which leaves the old database.
        accept_loss: replace the old database even if it has what cannot be read again.

    Raises:
        StokerError: another process has the database open, or the old one holds imports that the
            landing does not give back.
    """
    home.create()
    tell = progress or (lambda step, share: None)
    finish_swap(home)
    remove_rebuilt(home)
    with closing(_Old(home)) as old:
        try:
            store = Store.open(home, database=REBUILT)
            try:
                load_reference(store)
                made = _Rebuilding(store, tell)
                outcomes = made.merge()
                store.derivation = derivation
                tell("Deriving", 0.0)
                store.derive()
                lost = old.names - merged_names(store) - forgotten_names(home)
                with store.cursor() as cursor:
                    cursor.execute("checkpoint")
            finally:
                store.close()
            if not accept_loss:
                _refuse_loss(home, lost, made.failures)
            if old.is_damaged and not (home.root / DAMAGED).exists():
                os.link(home.database, home.root / DAMAGED)
            _swap(home)  # while the old one is open: nobody may write to it any more
        except BaseException:
            remove_rebuilt(home)
            raise
    with closing(Store.open(home)) as store:
        made.settle(store)
    tell("Done", 1.0)
    return outcomes


def remove_rebuilt(home: Home) -> None:
    """Remove what a rebuild that died has left behind."""
    for left in home.root.glob(f"{REBUILT}*"):
        left.unlink(missing_ok=True)


def finish_swap(home: Home) -> None:
    """Put a new database in the old one's place, if a process died before it had done so."""
    if (home.root / WHOLE).exists():
        with _alone(home):
            _put_in_place(home)


class _Old:
    """The database as it is: which imports it holds. Nobody can write to it meanwhile."""

    def __init__(self, home: Home) -> None:
        self.names: set[str] = set()
        self.is_damaged = False
        self._connection: duckdb.DuckDBPyConnection | None = None
        if not home.database.exists():
            return
        try:
            self._connection = duckdb.connect(str(home.database), read_only=True)
            self.names = self._imported()
        except duckdb.Error as error:
            if is_held(error):
                raise LockedError(
                    f"Another process is using {home.database}.",
                    next_action="Wait until it is done, or close it, and try again.",
                ) from error
            self.is_damaged = True  # whatever the landing gives is better

    def _imported(self) -> set[str]:
        assert self._connection is not None
        for query in (
            "select import_name from imports where import_status = 'imported'",
            "select import_name from imports",
            "select event_name from ingest_runs",
        ):
            with suppress(duckdb.CatalogException, duckdb.BinderException):
                return {str(row[0]) for row in self._connection.execute(query).fetchall()}
        return set()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


class _Rebuilding:
    """Merging all that was landed into a new store, and what is to be settled afterwards."""

    def __init__(self, store: Store, tell: Progress) -> None:
        self._store, self._tell = store, tell
        self.failures: list[tuple[ImportFailure, ImportRecord]] = []
        self._unreadable: dict[str, Exception] = {}
        self._tried_again: list[FailedImport] = []

    def merge(self) -> list[Outcome]:
        """Merge every landed import, and every failed one whose payload was kept."""
        home = self._store.home
        records, self._unreadable = landed(home, landed_names(home))
        failed = list(failed_imports(home))
        self._tried_again = [one for one in failed if one.record]
        list_failed(self._store, [one for one in failed if not one.record])
        records += [one.record for one in self._tried_again if one.record]
        records.sort(key=lambda record: (record.fetched_at, record.name))
        outcomes: list[Outcome] = []
        for batch in told(batches(home, records), len(records), self._tell):
            if whole := without_damaged(home, batch, self._fail):
                outcomes += merge_apart(self._store, whole, lambda step, share: None, self._fail)
        return outcomes + [
            one for one, _ in self.failures if not any(one is other for other in outcomes)
        ]

    def _fail(self, failed: ImportFailure, record: ImportRecord) -> None:
        self.failures.append((failed, record))

    def settle(self, store: Store) -> None:
        """Keep apart what has failed, and forget what failed before but not any more."""
        names = {record.name for _, record in self.failures}
        for failed, record in self.failures:
            keep_failure(store, failed, record, keeps_payload=True)
        for name, error in self._unreadable.items():
            keep_unreadable(store, name, error)
        for one in self._tried_again:
            if one.name not in names:
                one.path(store.home).unlink(missing_ok=True)


def _refuse_loss(
    home: Home, lost: set[str], failures: Iterable[tuple[ImportFailure, ImportRecord]]
) -> None:
    if not lost:
        return
    reasons = {record.name: failed.reason for failed, record in failures}
    listed = [reasons.get(name, f"The import record {name} is missing.") for name in sorted(lost)]
    more = f" And {len(listed) - LISTED_COUNT} more." if len(listed) > LISTED_COUNT else ""
    raise StokerError(
        f"{len(lost)} import(s) that {home.database} holds cannot be read again, so it was kept"
        f" as it is. {' '.join(listed[:LISTED_COUNT])}{more}",
        next_action=(
            "Put the landing back from a backup, or give up those imports:"
            " stoker rebuild --accept-loss"
        ),
    )


def _swap(home: Home) -> None:
    """Put the new database in the old one's place."""
    with _alone(home):
        (home.root / REBUILT).replace(home.root / WHOLE)
        flush(home.root)
        _put_in_place(home)


def _put_in_place(home: Home) -> None:
    whole = home.root / WHOLE
    if not whole.exists():  # another process has been quicker
        return
    # first: DuckDB refuses a database beside another's log
    for log in home.root.glob(f"{home.database.name}.wal*"):
        log.unlink(missing_ok=True)
    whole.replace(home.database)
    flush(home.root)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Wait until no other process has a database of this home change places."""
    folder = os.open(home.root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
