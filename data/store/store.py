"""The store: one home's database, read from any thread and written by one at a time."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, cast

import duckdb
import pandas as pd
from numpy.typing import NDArray

from data import tables
from data.errors import StokerError
from data.store import schema
from data.store.database import Answer, Database
from data.store.home import Home


class Store:
    """One home's DuckDB database, owned by this process.

    Reads may come from any thread: each call takes its own cursor. Writes go through `transaction`,
    one at a time. What readers see as a new version is what `publish` ends.
    """

    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._writing = threading.RLock()
        self._is_unpublished = False
        self.home = home
        self.derivation: Callable[[Store], object] | None = None

    @classmethod
    def open(cls, home: Home, *, database: str | Path | None = None) -> Self:
        """Open (or make) the database of `home`, or one beside it with another file name.

        Raises:
            SchemaDiffersError: it was made from other declarations, and is to be rebuilt.
            StokerError: another process holds the file, or it is damaged.
        """
        home.create()
        opened = Database(home.root / database if database else home.database, home)
        store = cls(opened, home)
        try:
            with store.transaction() as cursor:
                schema.prepare(cursor, tables.tables())
            store._is_unpublished = False
        except BaseException:
            opened.close()
            raise
        return store

    def close(self) -> None:
        """Write everything to the file and let go of it.

        A reader's statement that nothing stops keeps the file open until the process ends; what was
        committed is safe.
        """
        self._database.close()

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give this thread a connection of its own for a while."""
        with self._database.cursor() as cursor:
            yield cursor

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let no other thread write for a while."""
        with self._writing:
            yield

    @contextmanager
    def transaction(self, *, is_seen: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor inside a transaction: all of it happens, or none.

        Readers take what is committed for the version before until `publish`. With `is_seen` false,
        it is nothing that an answer is made of, and no new version is due to it.

        Raises:
            StokerError: DuckDB gave up meanwhile, on this or on another statement.
        """
        with self._writing:
            opened_count = self.opened_count
            was_unpublished = self._is_unpublished
            self._is_unpublished |= is_seen
            try:
                with self.cursor() as cursor:
                    cursor.execute("begin transaction")
                    try:
                        yield cursor
                        cursor.execute("commit")
                    except BaseException:
                        with suppress(duckdb.Error):  # nothing is left of it if DuckDB gave up
                            cursor.execute("rollback")
                        raise
            except BaseException as error:
                self._is_unpublished = was_unpublished
                if isinstance(error, duckdb.Error) and self.is_cut_off_since(opened_count):
                    raise StokerError(
                        f"DuckDB gave up while something was written: {error}.",
                        next_action="Try again: nothing of it was kept, and all else is there.",
                    ) from error
                raise

    def publish(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Let what `cursor`'s transaction commits be a new whole version."""
        self._is_unpublished = False
        cursor.execute(
            "update store_state set version = version + 1, published_at = $now",
            {"now": datetime.now(UTC)},  # DuckDB's now() is when the transaction began
        )

    def derive(self) -> None:
        """Bring the derived tables up to date with the merged records, and publish the version."""
        with self._writing:
            if self.derivation is not None:
                self.derivation(self)
            if self._is_unpublished:
                with self.transaction() as cursor:
                    self.publish(cursor)

    @property
    def version(self) -> int:
        """A number that grows with every published version: the key for anything cached."""
        return int(self.scalar("select version from store_state"))

    def read(self, read: Callable[[duckdb.DuckDBPyConnection], Answer]) -> Answer:
        """Return what `read` gets from a cursor, at a second try if DuckDB gave up meanwhile."""
        return self._database.read(read)

    @property
    def opened_count(self) -> int:
        """How often the file was opened: cursors of an earlier time are of no use any more."""
        return self._database.opened_count

    def is_cut_off_since(self, opened_count: int) -> bool:
        """Return whether DuckDB gave up since the file had been opened so often."""
        return self._database.is_cut_off_since(opened_count)

    def frame(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Return the rows of a query."""
        return self.read(lambda cursor: cursor.execute(sql, dict(parameters or {})).df())

    def scalar(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Return the first value of the first row (None where there is no row)."""
        rows = self.read(lambda cursor: cursor.execute(sql, dict(parameters or {})).fetchall())
        return rows[0][0] if rows else None


def arrays(
    cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any] | None = None
) -> dict[str, NDArray[Any]]:
    """Return the columns of a query as NumPy arrays; a column must have no nulls."""
    return cast(dict[str, NDArray[Any]], cursor.execute(sql, dict(parameters or {})).fetchnumpy())
