"""The reader: the one gate through which pages and commands see the store.

A reader never takes the write lock and never waits for a writer: it reads inside a transaction
of its own, which shows the newest whole version as it was when the transaction began.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from data import background
from data.store.home import Home

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    from numpy.typing import NDArray

    from data.store.database import Answer
    from data.store.snapshot import Snapshot, Version
    from data.store.store import Store


@dataclass(frozen=True, slots=True)
class Principal:
    """Who reads: on one's own machine, its user, who may do everything."""

    name: str = "local"
    may_write: bool = True


class Reader:
    """Reads of one store for one principal. One is enough for all threads."""

    def __init__(self, store: "Store", principal: Principal | None = None) -> None:
        self._store = store
        self._of_thread = threading.local()
        self.principal = principal or Principal()

    @property
    def home(self) -> Home:
        """The home folder that is read."""
        return self._store.home

    def writer(self) -> "Store":
        """Return the store to write to.

        Raises:
            PermissionError: this principal may only read.
        """
        if not self.principal.may_write:
            message = f"{self.principal.name} may only read"
            raise PermissionError(message)
        return self._store

    @contextmanager
    def snapshot(self) -> "Iterator[Version]":
        """Read one version until the end of the block, on this thread; blocks may nest."""
        from data.store.snapshot import Snapshot  # with it comes DuckDB

        outer: Snapshot | None = getattr(self._of_thread, "snapshot", None)
        if outer is not None:
            yield outer.version
            return
        snapshot = Snapshot(self._store)
        self._of_thread.snapshot = snapshot
        try:
            with background.ended_with_task(snapshot.interrupt):
                yield snapshot.version
        finally:
            self._of_thread.snapshot = None
            snapshot.end()

    @property
    def version(self) -> "Version":
        """The version that is read: with home and parameters, the key of anything remembered."""
        with self.snapshot() as version:
            return version

    @contextmanager
    def cursor(self) -> "Iterator[duckdb.DuckDBPyConnection]":
        """Give the cursor of this thread's snapshot. Fetch to the end before the next statement."""
        with self.snapshot():
            yield self._of_thread.snapshot.cursor

    def read(self, read: "Callable[[duckdb.DuckDBPyConnection], Answer]") -> "Answer":
        """Return what `read` gets from this thread's snapshot; it may be called a second time."""
        with self.snapshot():
            snapshot: Snapshot = self._of_thread.snapshot
            return snapshot.read(read)

    def frame(self, sql: str, parameters: Mapping[str, Any] | None = None) -> "pd.DataFrame":
        """Return the rows of a query."""
        return self.read(lambda cursor: cursor.execute(sql, dict(parameters or {})).df())

    def arrays(
        self, sql: str, parameters: Mapping[str, Any] | None = None
    ) -> "dict[str, NDArray[Any]]":
        """Return the columns of a query as NumPy arrays; a column must have no nulls."""
        columns = self.read(lambda cursor: cursor.execute(sql, dict(parameters or {})).fetchnumpy())
        return cast("dict[str, NDArray[Any]]", columns)

    def scalar(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Return the first value of the first row (None where there is no row)."""
        rows = self.read(lambda cursor: cursor.execute(sql, dict(parameters or {})).fetchall())
        return rows[0][0] if rows else None
