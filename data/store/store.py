"""The store: the one connection to the DuckDB file, its cursors, transactions and migrations."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Self, cast

import duckdb
import pandas as pd
from numpy.typing import NDArray

from data.errors import StokerError
from data.store.home import Home

MEMORY_LIMIT_VARIABLE = "STOKER_MEMORY_LIMIT"


class Store:
    """One home's DuckDB database, owned by this process.

    Reads may come from any thread: each call takes its own cursor. Writes go through `transaction`,
    one at a time.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, home: Home) -> None:
        self._root = connection
        self._writing = threading.RLock()
        self.home = home
        self.remake_count = 0  # grows when derived tables begin, and end, to be made anew
        self.derivation: Callable[[Store], object] = _derive_nothing

    @classmethod
    def open(cls, home: Home) -> Self:
        """Open (or make) the database of `home` and bring its schema up to date.

        Raises:
            StokerError: another process holds the file.
        """
        home.create()
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit(),
            "temp_directory": str(home.scratch / "spill"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
        try:
            connection = duckdb.connect(str(home.database), config=settings)
        except (duckdb.IOException, duckdb.SerializationException) as error:
            if "lock" not in str(error).lower():
                raise StokerError(
                    f"{home.database} cannot be read: {error}.",
                    next_action="Run `stoker rebuild`: it is made anew from the landed files.",
                ) from error
            raise StokerError(
                f"Another process is using {home.database}.",
                next_action="Wait until it is done, or close it, and try again.",
            ) from error
        connection.execute("set global TimeZone = 'UTC'")  # plain SET would not reach the cursors
        store = cls(connection, home)
        store._migrate()
        for lock in ("set enable_external_access = false", "set lock_configuration = true"):
            connection.execute(lock)
        return store

    def derive(self) -> None:
        """Bring the derived tables up to date."""
        self.derivation(self)

    def close(self) -> None:
        """Write everything to the file and let go of it.

        A reader's statement that nothing stops keeps the file open until the process ends; what was
        committed is safe.
        """
        with suppress(duckdb.ResourceInUseException):
            self._root.close()

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give this thread a connection of its own for a while."""
        cursor = self._root.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let no other thread write for a while."""
        with self._writing:
            yield

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor inside a transaction: all of it happens, or none. Bumps `version`."""
        with self._writing, self.cursor() as cursor:
            cursor.execute("begin transaction")
            try:
                yield cursor
                cursor.execute("update store_state set version = version + 1")
            except BaseException:
                cursor.execute("rollback")
                raise
            cursor.execute("commit")

    @property
    def version(self) -> int:
        """A number that grows with every write: the key for anything cached."""
        return int(self.scalar("select version from store_state"))

    def frame(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Return the rows of a query."""
        with self.cursor() as cursor:
            return cursor.execute(sql, dict(parameters or {})).df()

    def scalar(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Return the first value of the first row (None where there is no row)."""
        with self.cursor() as cursor:
            rows = cursor.execute(sql, dict(parameters or {})).fetchall()
        return rows[0][0] if rows else None

    def _migrate(self) -> None:
        self._root.execute(
            "create table if not exists migrations"
            " (name varchar primary key, applied_at timestamptz not null default now())"
        )
        known = {name for (name,) in self._root.execute("select name from migrations").fetchall()}
        scripts = migrations()
        newer = known - set(scripts)
        if newer:
            raise StokerError(
                f"{self.home.database} was written by a newer Stoker ({', '.join(sorted(newer))}).",
                next_action="Install that version, or move the file away and run `stoker rebuild`.",
            )
        for name, script in scripts.items():
            if name not in known:
                self._root.execute("begin transaction")
                self._root.execute(script)
                self._root.execute("insert into migrations (name) values ($name)", {"name": name})
                self._root.execute("commit")


def _derive_nothing(_: Store) -> None:
    """Leave the derived tables as they are: nobody said how they are made."""


def arrays(
    cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any] | None = None
) -> dict[str, NDArray[Any]]:
    """Return the columns of a query as NumPy arrays; a column must have no nulls."""
    return cast(dict[str, NDArray[Any]], cursor.execute(sql, dict(parameters or {})).fetchnumpy())


@cache
def migrations() -> dict[str, str]:
    """Return the migration scripts by name, in the order they apply."""
    folder = files("data.store") / "migrations"
    scripts = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=name)
    return {entry.name: entry.read_text(encoding="utf-8") for entry in scripts}


def name(entry: Traversable) -> str:
    """Return the name of a packaged file."""
    return entry.name


def memory_limit() -> str:
    """Return DuckDB's memory limit: the environment's, else half of what this machine has."""
    given = os.environ.get(MEMORY_LIMIT_VARIABLE)
    if given:
        return given
    total_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{total_bytes // 2 // 2**20}MiB"
