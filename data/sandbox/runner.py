"""Runs one ad-hoc SELECT: read-only, and bounded in rows, bytes, memory and time."""

import threading
import time
from dataclasses import dataclass

import duckdb
import pandas as pd
import pyarrow as pa

from data.errors import StokerError
from data.sandbox.memory import bounded_memory
from data.sandbox.validator import check, one_line
from data.serialize.arrow import frame
from data.store.reader import Reader

MOST_BYTES = 2**30  # of a result
MOST_MEMORY_BYTES = 4 * 2**30  # of a statement, beside what the process has
BATCH_ROWS = 2048
INTERRUPT_EVERY_S = 0.1
STOPS_WITHIN_S = 2.0

# one at a time, however many wait: the memory bound holds for the whole process
_running = threading.Lock()


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
    """
    check(sql, tables(reader))
    if not _running.acquire(timeout=time_limit_s):
        raise StokerError(
            "Another statement is still running.",
            next_action="Try again in a moment. If it does not end, restart Stoker.",
        )
    run = _Run(reader, sql, most_rows)
    try:
        threading.Thread(target=run, name="select", daemon=True).start()
    except BaseException:
        _running.release()
        raise
    return run.wait(time_limit_s)


def tables(reader: Reader) -> list[str]:
    """Return the documented tables and views: those whose columns have comments."""
    names = reader.frame(
        "select distinct table_name from duckdb_columns()"
        " where schema_name = 'main' and not internal and comment is not null"
    )["table_name"]
    return sorted(names)


class _Run:
    """One statement on a thread of its own, so that its caller can stop waiting for it.

    DuckDB looks for an interrupt between steps; a step can be one call of a function on a huge
    value, which nothing stops. It is left to itself then.
    """

    def __init__(self, reader: Reader, sql: str, most_rows: int) -> None:
        self._reader, self._sql, self._most_rows = reader, sql, most_rows
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._is_stopped = False
        self._done = threading.Event()
        self._result: SelectResult | None = None
        self._error: Exception | None = None

    def __call__(self) -> None:
        try:
            with bounded_memory(MOST_MEMORY_BYTES):
                self._result = self._select()
        except Exception as error:  # noqa: BLE001  # raised again where it is waited for
            self._error = error
        finally:
            _running.release()
            self._done.set()

    def wait(self, time_limit_s: float) -> SelectResult:
        """Wait for the rows; stop the statement when the time is up."""
        try:
            is_done = self._done.wait(time_limit_s)
        except BaseException:
            self._stop()
            raise
        if not is_done and not self._stop():
            raise StokerError(
                f"The statement was not done within {time_limit_s:g} s, and does not stop.",
                next_action="Ask for less at once. If Stoker stays slow, restart it.",
            )
        if self._result is not None:
            return self._result
        assert self._error is not None
        raise _explain(self._error, time_limit_s) from self._error

    def _stop(self) -> bool:
        """Interrupt the statement until it ends; return whether it did."""
        self._is_stopped = True
        give_up_at = time.monotonic() + STOPS_WITHIN_S
        while time.monotonic() < give_up_at:
            if self._cursor is not None:
                self._cursor.interrupt()
            if self._done.wait(INTERRUPT_EVERY_S):
                return True
        return False

    def _select(self) -> SelectResult:
        began_at = time.perf_counter()
        with self._reader.cursor() as cursor:
            self._cursor = cursor
            rows, is_capped = self._rows(cursor.sql(self._sql))
        return SelectResult(frame(rows), is_capped, time.perf_counter() - began_at)

    def _rows(self, relation: duckdb.DuckDBPyRelation) -> tuple[pa.Table, bool]:
        """Read no more than is kept. The relation streams; `execute` would copy all rows first."""
        reader = relation.to_arrow_reader(BATCH_ROWS)
        batches: list[pa.RecordBatch] = []
        row_count = byte_count = 0
        for batch in reader:
            if self._is_stopped:
                raise duckdb.InterruptException("Interrupted between two batches.")
            part = batch.slice(0, self._most_rows - row_count)
            batches.append(part)
            row_count += part.num_rows
            byte_count += part.nbytes
            if byte_count > MOST_BYTES:
                raise StokerError(
                    f"The result is larger than {MOST_BYTES // 2**30} GiB.",
                    next_action="Select fewer columns or rows.",
                )
            if part.num_rows < batch.num_rows:
                return pa.Table.from_batches(batches, reader.schema), True
        return pa.Table.from_batches(batches, reader.schema), False


def _explain(error: Exception, time_limit_s: float) -> Exception:
    """Return an error of a statement as one that its writer can act on."""
    match error:
        case duckdb.InterruptException():
            return StokerError(
                f"The statement was not done within {time_limit_s:g} s, and was stopped.",
                next_action="Ask for less: fewer rows in the joins, or a shorter time.",
            )
        case duckdb.OutOfMemoryException() | MemoryError() | pa.ArrowMemoryError():
            return StokerError(
                "The statement needs more memory than it may have.",
                next_action="Ask for less: fewer rows, shorter texts and lists.",
            )
        case duckdb.FatalException() | duckdb.InternalException():
            return StokerError(
                f"DuckDB gave up on the statement: {one_line(error)}.",
                next_action="Ask for shorter texts and lists. Everything else goes on.",
            )
        case duckdb.Error():
            return StokerError(
                f"The statement does not run: {one_line(error)}.",
                next_action="Correct it. `stoker sql` alone lists the tables and their columns.",
            )
    return error
