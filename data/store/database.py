"""The DuckDB file: its one connection, a cursor for whoever asks, and reopening after it gave up.

After an error inside DuckDB (a text above 4 GB is enough) the whole instance answers nothing any
more. What was committed is in the file: the instance is closed and the file opened again.
"""

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import duckdb

from data.errors import DISK_ERRORS, LockedError, StokerError
from data.store.home import Home
from data.tables.quoting import literal

Answer = TypeVar("Answer")

MEMORY_LIMIT_VARIABLE = "STOKER_MEMORY_LIMIT"
REOPENS_WITHIN_S = 30.0
TRIES_EVERY_S = 0.05

GAVE_UP = (duckdb.FatalException, duckdb.InternalException)
"""Errors after which the instance may answer nothing any more."""


class Database:
    """One open DuckDB file. Every thread takes a cursor of its own."""

    def __init__(self, path: Path, home: Home) -> None:
        """Open the file, or make it.

        Raises:
            StokerError: another process holds it, or it is damaged.
        """
        self.path = path
        self._home = home
        self._opening = threading.RLock()
        self._cursors: set[duckdb.DuckDBPyConnection] = set()
        self._is_in_doubt = False
        self.opened_count = 1
        self._root = _connected(path, home)
        _lock(self._root, home)

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a connection of its own for a while; the file is opened again if DuckDB gave up."""
        with self._opening:
            if self._is_in_doubt:
                self._reopen()
            opened_count = self.opened_count
            cursor = self._root.cursor()
            self._cursors.add(cursor)
        try:
            yield cursor
        except GAVE_UP:
            with self._opening:
                self._is_in_doubt = self._is_in_doubt or opened_count == self.opened_count
            raise
        finally:
            with self._opening:
                self._cursors.discard(cursor)
            # a statement that nothing stops keeps its cursor
            with suppress(duckdb.Error):
                cursor.close()

    def read(self, read: Callable[[duckdb.DuckDBPyConnection], Answer]) -> Answer:
        """Return what `read` gets from a cursor, at a second try if DuckDB gave up meanwhile."""
        opened_count = self.opened_count
        try:
            with self.cursor() as cursor:
                return read(cursor)
        except duckdb.Error:
            if not self.is_cut_off_since(opened_count):
                raise
        with self.cursor() as cursor:
            return read(cursor)

    def is_cut_off_since(self, opened_count: int) -> bool:
        """Return whether cursors of that time are of no use any more: DuckDB gave up since."""
        with self._opening:  # waits for whoever opens the file again
            self._is_in_doubt = self._is_in_doubt or not _answers(self._root)
            return self._is_in_doubt or opened_count != self.opened_count

    def close(self) -> None:
        """Write everything to the file and let go of it.

        A statement that nothing stops keeps the file open until the process ends; what was
        committed is safe.
        """
        with self._opening, suppress(duckdb.ResourceInUseException):
            self._root.close()

    def _reopen(self) -> None:
        """Open the file again, if DuckDB really gave up; whoever reads or writes is cut off."""
        if _answers(self._root):
            self._is_in_doubt = False
            return
        give_up_at = time.monotonic() + REOPENS_WITHIN_S
        while not (self._let_go() and self._is_opened()):
            if time.monotonic() > give_up_at:
                raise StokerError(
                    "DuckDB stopped after an error inside it, and a statement that still runs keeps"
                    f" {self.path} open.",
                    next_action="Restart Stoker: nothing that was imported is lost.",
                )
            gc.collect()  # an error's traceback may hold on to results of the old instance
            time.sleep(TRIES_EVERY_S)
        self._is_in_doubt = False
        self.opened_count += 1

    def _let_go(self) -> bool:
        """Close every connection to the old instance; return whether all are closed."""
        is_closed = True
        for connection in (*self._cursors, self._root):
            try:
                connection.interrupt()
                connection.close()
            except duckdb.ResourceInUseException:
                is_closed = False
            except duckdb.Error:  # closed already, or beyond answering: nothing left to close
                continue
        return is_closed

    def _is_opened(self) -> bool:
        """Open the file; DuckDB hands out the old instance as long as anything holds on to it."""
        self._root = _connected(self.path, self._home)
        if not _answers(self._root):
            self._root.close()
            return False
        _lock(self._root, self._home)
        return True


def memory_limit() -> str:
    """Return DuckDB's memory limit: the environment's, else half of what this machine has."""
    limit = os.environ.get(MEMORY_LIMIT_VARIABLE)
    if limit:
        return limit
    total_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{total_bytes // 2 // 2**20}MiB"


def _answers(connection: duckdb.DuckDBPyConnection) -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1").fetchall()
    except duckdb.Error:
        return False
    return True


def _connected(path: Path, home: Home) -> duckdb.DuckDBPyConnection:
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit(),
        "temp_directory": str(home.scratch / "spill"),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
    }
    try:
        return duckdb.connect(str(path), config=settings)
    except duckdb.Error as error:
        if is_held(error):
            raise LockedError(
                f"Another process is using {path}.",
                next_action="Wait until it is done, or close it, and try again.",
            ) from error
        if is_full(error):
            raise disk_is_full(home) from error
        reason = str(error).replace(str(path), path.name).splitlines()[0]
        raise StokerError(
            f"{path} cannot be read: {reason}.",
            next_action="Run `stoker rebuild`: it is rebuilt from the landed files.",
        ) from error


def is_held(error: duckdb.Error) -> bool:
    """Whether a file cannot be opened because another process has it; its path may say anything."""
    text = str(error)
    return "Could not set lock on file" in text or "Conflicting lock is held" in text


def is_full(error: BaseException) -> bool:
    """Whether an error is about the disk: any other file would meet it as well."""
    if isinstance(error, OSError):
        return error.errno in DISK_ERRORS
    text = str(error)
    said = "No space left on device" in text or "Read-only file system" in text
    return isinstance(error, duckdb.Error) and said


def disk_is_full(home: Home) -> StokerError:
    """Return the error that says so."""
    return StokerError(
        f"The disk of {home.root} is full, or cannot be written to.",
        next_action="Free some space, and run it again: completed work is not repeated.",
    )


# in long statements DuckDB expects a few rows where millions come: an asof join of few is a loop
ASOF_IN_ORDER = "asof_loop_join_threshold = 0"


def _lock(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Let nothing reach other files, but for the home's parts, nor change a setting."""
    for setting in (
        "TimeZone = 'UTC'",
        ASOF_IN_ORDER,
        f"allowed_directories = [{literal(f'{home.parts}/')}]",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"set global {setting}")  # plain SET would not reach the cursors
