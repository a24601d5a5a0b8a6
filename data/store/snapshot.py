"""A snapshot: one read-only transaction, which shows one whole version until it ends."""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb

from data.errors import StokerError

if TYPE_CHECKING:
    from data.store.database import Answer
    from data.store.store import Store


@dataclass(frozen=True, slots=True)
class Version:
    """One whole version of the store: its number, and when it was published."""

    number: int
    published_at: datetime


class Snapshot:
    """One version of a store, for one thread."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self.cursor: duckdb.DuckDBPyConnection
        self.version: Version
        self._begin()

    def read(self, read: "Callable[[duckdb.DuckDBPyConnection], Answer]") -> "Answer":
        """Return what `read` gets from the cursor, at a second try if DuckDB gave up meanwhile.

        Raises:
            StokerError: DuckDB gave up, and there is a newer version now.
        """
        try:
            return read(self.cursor)
        except duckdb.Error:
            if not self._store.is_cut_off_since(self._opened_count):
                raise
        before = self.version
        self.end()
        self._begin()
        if self.version != before:
            raise StokerError(
                "The records changed while they were read.", next_action="Read them again."
            )
        return read(self.cursor)

    def interrupt(self) -> None:
        """Stop what is being read, from another thread: nobody wants it any more."""
        with suppress(duckdb.Error):  # closed a moment ago
            self.cursor.interrupt()

    def end(self) -> None:
        """Let go of the version."""
        with suppress(duckdb.Error):  # its connection is closed if DuckDB gave up
            self._held.close()

    def _begin(self) -> None:
        self._opened_count = self._store.opened_count
        try:
            self._hold()
        except duckdb.Error:
            if not self._store.is_cut_off_since(self._opened_count):
                raise
        else:
            return
        self._opened_count = self._store.opened_count
        self._hold()

    def _hold(self) -> None:
        with ExitStack() as held:
            self.cursor = held.enter_context(self._store.cursor())
            self.cursor.execute("begin transaction read only")
            held.callback(self.cursor.execute, "rollback")
            # the first read is what fixes the version that all others see
            ((number, published_us),) = self.cursor.execute(
                "select version, epoch_us(published_at) from store_state"
            ).fetchall()
            self._held = held.pop_all()
        self.version = Version(number, datetime.fromtimestamp(published_us / 1e6, UTC))
