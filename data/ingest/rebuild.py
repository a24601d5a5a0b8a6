"""Making the database anew from the landing, beside the old one, which is kept until then.

The new file takes the old one's place in one step, once it holds no fewer imports. A process that
dies meanwhile leaves the old database as it was; what a killed swap may have lost of it is merged
again from the landing.
"""

from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path

import duckdb

from data.errors import StokerError
from data.ingest.apart import batches, landed, merge_apart, merged_names, told
from data.ingest.failures import (
    FailedImport,
    failed_imports,
    keep_failure,
    keep_unreadable,
    list_failed,
)
from data.ingest.results import ImportFailure, Outcome, failure
from data.raw.inputs import Progress
from data.raw.landing import ImportRecord, flush, is_whole, landed_names
from data.store.home import Home
from data.store.reference_tables import load_reference
from data.store.store import Store

REBUILT = "stoker.rebuild.duckdb"
LISTED_COUNT = 20

Derivation = Callable[[Store], None]


def rebuild(
    home: Home,
    *,
    derivation: Derivation | None = None,
    progress: Progress | None = None,
    accept_loss: bool = False,
) -> list[Outcome]:
    """Make the database of `home` anew; return what became of each landed import.

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
                lost = old.names - merged_names(store)
                with store.cursor() as cursor:
                    cursor.execute("checkpoint")
            finally:
                store.close()
            if not accept_loss:
                _refuse_loss(home, lost, made.failures)
        except BaseException:
            remove_rebuilt(home)
            raise
    _swap(home)
    with closing(Store.open(home)) as store:
        made.settle(store)
    tell("Done", 1.0)
    return outcomes


def remove_rebuilt(home: Home) -> None:
    """Remove what a rebuild that died has left behind."""
    for suffix in ("", ".wal"):
        Path(f"{home.root / REBUILT}{suffix}").unlink(missing_ok=True)


class _Old:
    """The database as it is: which imports it holds. Nobody can write to it meanwhile."""

    def __init__(self, home: Home) -> None:
        self.names: set[str] = set()
        self._connection: duckdb.DuckDBPyConnection | None = None
        if not home.database.exists():
            return
        try:
            self._connection = duckdb.connect(str(home.database), read_only=True)
            self.names = self._imported()
        except duckdb.Error as error:
            if "lock" in str(error).lower():
                raise StokerError(
                    f"Another process is using {home.database}.",
                    next_action="Wait until it is done, or close it, and try again.",
                ) from error
            # damaged: whatever the landing gives is better

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
            whole = [record for record in batch if is_whole(home, record)]
            for record in batch:
                if record not in whole:
                    error = _damaged(home, record)
                    self._fail(failure(record.file_name, record.kind, error), record)
            outcomes += (
                merge_apart(self._store, whole, lambda step, share: None, self._fail)
                if whole
                else []
            )
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


def _damaged(home: Home, record: ImportRecord) -> StokerError:
    payload = record.payload(home)
    what = "is cut short or was changed" if payload.exists() else "is missing"
    return StokerError(
        f"The landed file of {record.file_name} {what} ({payload.name}).",
        next_action="Import the file again.",
    )


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
    # first: DuckDB refuses a database beside another's log. What the log held is in the landing
    Path(f"{home.database}.wal").unlink(missing_ok=True)
    (home.root / REBUILT).replace(home.database)
    flush(home.root)
