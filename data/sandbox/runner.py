"""Runs one ad-hoc SELECT in a process of its own: bounded in rows, bytes, memory and time."""

import json
import threading
import time
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.ipc

from data import background
from data.errors import StokerError
from data.raw.inputs import Cancelled
from data.sandbox.process import Process, scratch_folder
from data.sandbox.validator import checked, one_line
from data.serialize.arrow import frame
from data.store.reader import Reader
from data.tables.quoting import literal

MOST_BYTES = 2**30  # of a result
MOST_MEMORY_BYTES = 2 * 2**30  # of a statement
MOST_SPILL_BYTES = 4 * 2**30
AT_ONCE = 3

_places = threading.BoundedSemaphore(AT_ONCE)

TOO_MUCH_MEMORY = {"OutOfMemoryException", "MemoryError", "ArrowMemoryError"}
GAVE_UP = {"FatalException", "InternalException"}


@dataclass(frozen=True, slots=True)
class SelectResult:
    """The rows of a statement, whether there were more, and how long it took."""

    frame: pd.DataFrame
    is_capped: bool
    seconds: float


def select(reader: Reader, sql: str, *, most_rows: int, time_limit_s: float) -> SelectResult:
    """Return the first `most_rows` rows of a SELECT over the store's documented tables.

    Raises:
        StokerError: it is no such SELECT, does not run, or takes too long or too much.
        Cancelled: whoever asked does not want it any more.
    """
    footprint = checked(sql, tables(reader))
    if not _places.acquire(timeout=time_limit_s):
        raise StokerError(
            f"{AT_ONCE} other statements are still running.", next_action="Try again in a moment."
        )
    began_at = time.perf_counter()
    try:
        with (
            scratch_folder(reader.home) as folder,
            _started() as process,
            background.ended_with_task(process.kill),
        ):
            order = {
                "sql": sql,
                "most_rows": most_rows,
                "most_bytes": MOST_BYTES,
                "memory_bytes": MOST_MEMORY_BYTES,
                "spill_bytes": MOST_SPILL_BYTES,
                "time_limit_s": time_limit_s,
                "folder": str(folder),
                "parts": literal(f"{reader.home.parts}/"),
            }
            process.feed(reader, footprint, order)
            rows = _rows(process, began_at + time_limit_s, time_limit_s)
    finally:
        _places.release()
    shown = frame(rows.slice(0, most_rows))
    return SelectResult(shown, rows.num_rows > most_rows, time.perf_counter() - began_at)


def tables(reader: Reader) -> list[str]:
    """Return the documented tables and views: those whose columns have comments."""
    names = reader.frame(
        "select distinct table_name from duckdb_columns()"
        " where schema_name = 'main' and not internal and comment is not null"
    )["table_name"]
    return sorted(names)


def _started() -> Process:
    try:
        return Process()
    except EOFError:  # what it is forked from has just gone, and is started again
        return Process()


def _rows(process: Process, ends_at: float, time_limit_s: float) -> pa.Table:
    """Wait for the rows; end the process when the time is up."""
    clock = threading.Timer(max(0.0, ends_at - time.perf_counter()), process.end)
    clock.daemon = True
    clock.start()
    contents: list[bytes] = []
    try:
        contents += process.answer()
    except EOFError:
        if process.is_killed:
            raise Cancelled from None
        if process.error is not None:
            raise process.error from None
        if time.perf_counter() >= ends_at:
            raise _too_long(time_limit_s) from None
        raise _too_much() from None
    finally:
        clock.cancel()
    end = json.loads(contents.pop())
    if end:
        raise _explained(end, time_limit_s)
    schema = pa.ipc.read_schema(pa.py_buffer(contents[0]))
    batches = [batch for content in contents[1:] for batch in pa.ipc.open_stream(content)]
    return pa.Table.from_batches(batches, schema)


def _too_long(time_limit_s: float) -> StokerError:
    return StokerError(
        f"The statement was not done within {time_limit_s:g} s, and was stopped.",
        next_action="Ask for less: fewer rows in the joins, or a shorter time.",
    )


def _too_much() -> StokerError:
    return StokerError(
        "The statement needs more memory than it may have.",
        next_action="Ask for less: fewer rows, shorter texts and lists.",
    )


def _explained(end: dict[str, Any], time_limit_s: float) -> StokerError:
    """Return what a process says of its end as an error that the statement's writer can act on."""
    kind, problem = end["error"], one_line(end["message"])
    if kind == "ValueError":
        return StokerError(
            f"The result is larger than {MOST_BYTES // 2**30} GiB.",
            next_action="Select fewer columns or rows.",
        )
    if kind in TOO_MUCH_MEMORY:
        return _too_much()
    if kind in GAVE_UP:
        return StokerError(
            f"DuckDB gave up on the statement: {problem}.",
            next_action="Ask for shorter texts and lists. Everything else goes on.",
        )
    return StokerError(
        f"The statement does not run: {problem}.",
        next_action="Correct it. `stoker sql` alone lists the tables and their columns.",
    )
