"""A statement's process, seen from Stoker: started, given its tables, heard, and ended."""

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import duckdb

from data.sandbox.child import as_frame, read_frame, write_frame
from data.sandbox.footprint import Footprint
from data.store.home import Home
from data.store.reader import Reader

SENT_ROWS = 50_000
SENT = b"."


class Process:
    """One process for one statement. Whatever becomes of it, `end` leaves nothing of it."""

    def __init__(self) -> None:
        self._talk, theirs = socket.socketpair()
        with theirs:
            _nursery().start_process(theirs)
        self._source, self._target = self._talk.makefile("rb"), self._talk.makefile("wb")
        self._ending = threading.Lock()
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._is_over = False
        self.is_killed = False
        self.error: Exception | None = None
        """What was wrong with the tables that it was given."""
        try:
            self._pid = int(read_frame(self._source))
        except BaseException:
            self._talk.close()
            self._source.close()
            self._target.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        self._source.close()

    def end(self) -> None:
        """End the process, if it has not ended; from any thread."""
        with self._ending:
            if self._is_over:
                return
            self._is_over = True
            with contextlib.suppress(ProcessLookupError):  # its last word may just have come
                os.kill(self._pid, signal.SIGKILL)
            cursor = self._cursor
            if cursor is not None:
                with contextlib.suppress(duckdb.Error):  # closed a moment ago
                    cursor.interrupt()
            with contextlib.suppress(OSError):
                self._talk.shutdown(socket.SHUT_RDWR)
            self._talk.close()

    def kill(self) -> None:
        """End the process for a reason that is not its own."""
        self.is_killed = not self._is_over
        self.end()

    def feed(self, reader: Reader, footprint: Footprint, order: dict[str, Any]) -> None:
        """Give the process its order and its tables, on a thread of its own."""
        threading.Thread(
            target=self._feed, args=(reader, footprint, order), name="feed", daemon=True
        ).start()

    def answer(self) -> Iterator[bytes]:
        """Yield what it writes until its end; the last is what it says of its end.

        Raises:
            EOFError: it ended without a word.
        """
        while True:
            try:
                content = read_frame(self._source)
                if content:
                    yield content
                    continue
                yield read_frame(self._source)
            except (OSError, ValueError) as error:  # killed meanwhile: the socket is closed
                raise EOFError from error
            return

    def _feed(self, reader: Reader, footprint: Footprint, order: dict[str, Any]) -> None:
        try:
            with reader.cursor() as cursor:
                self._cursor = cursor
                self._send(cursor, footprint, order)
        except (OSError, ValueError, EOFError):  # it has enough, or it was ended
            pass
        except Exception as error:  # noqa: BLE001  # raised again where the rows are waited for
            self.error = error
            self.end()
        finally:
            self._cursor = None
            with contextlib.suppress(OSError, ValueError):  # what is left in it goes nowhere
                self._target.close()

    def _send(
        self, cursor: duckdb.DuckDBPyConnection, footprint: Footprint, order: dict[str, Any]
    ) -> None:
        parts = _views_on_parts(cursor)
        views = {name: parts[name] for name in footprint.tables if name in parts}
        names = [name for name in footprint.tables if name not in views]
        order = {**order, "tables": names, "views": list(views.values())}
        order["is_one_pass"] = footprint.is_one_pass
        write_frame(self._target, json.dumps(order).encode())
        for name in names:
            rows = cursor.sql(_rows(cursor, name, footprint)).to_arrow_reader(SENT_ROWS)
            write_frame(self._target, rows.schema.serialize())
            for batch in rows:
                write_frame(self._target, as_frame(batch))
            write_frame(self._target, b"")


def _rows(cursor: duckdb.DuckDBPyConnection, table: str, footprint: Footprint) -> str:
    """Return the SELECT of a table's columns that a statement can name; one if it names none."""
    listed = cursor.execute(
        "select column_name from duckdb_columns() where schema_name = 'main'"
        " and table_name = $table order by column_index",
        {"table": table},
    ).fetchall()
    names = [name for (name,) in listed]
    if footprint.names is not None:
        names = [name for name in names if name.lower() in footprint.names] or names[:1]
    columns = ", ".join(f'"{name}"' for name in names)
    return f'select {columns} from "{table}"'


def _views_on_parts(cursor: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the statements of the views over Parquet parts, which need not be sent."""
    rows = cursor.execute(
        "select view_name, sql from duckdb_views() where schema_name = 'main' and not internal"
        " and contains(sql, 'read_parquet(')"
    ).fetchall()
    return dict(rows)


@contextlib.contextmanager
def scratch_folder(home: Home) -> Iterator[Path]:
    """Give a folder for what a statement spills; it is gone afterwards."""
    home.scratch.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=home.scratch, prefix="sql-", ignore_cleanup_errors=True) as name:
        yield Path(name)


class _Nursery:
    """The process that the others are forked from: started when it is needed, and again if gone."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._orders: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def start_process(self, talk: socket.socket) -> None:
        """Have a process forked that talks over a socket."""
        with self._starting:
            if self._orders is not None:
                with contextlib.suppress(OSError):
                    socket.send_fds(self._orders, [SENT], [talk.fileno()])
                    return
                self.close()
            self._orders, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "data.sandbox.nursery"],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            socket.send_fds(self._orders, [SENT], [talk.fileno()])

    def close(self) -> None:
        """Have the process end: it has nobody to listen to any more."""
        if self._orders is not None and self._process is not None:
            self._orders.close()
            self._process.wait()


@cache
def _nursery() -> _Nursery:
    return _Nursery()
