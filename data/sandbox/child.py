"""The process of one ad-hoc SELECT: it gets the rows that the statement may read, and no more.

It lives for one statement, with little memory, little priority and a time to die at; what the
statement does to it, it does to nobody else. Nothing of Stoker is imported but what is here.
"""

import json
import os
import resource
import signal
import struct
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import pyarrow as pa
import pyarrow.ipc

BATCH_ROWS = 2048
FRAME = struct.Struct("!Q")
LESS_URGENT = 5
STATUS, MACHINE = Path("/proc/self/status"), Path("/proc/meminfo")


def write_frame(file: BinaryIO, content: Any) -> None:
    """Write bytes with their length before them."""
    file.write(FRAME.pack(len(content)))
    file.write(content)
    file.flush()


def read_frame(file: BinaryIO) -> bytes:
    """Return what `write_frame` wrote.

    Raises:
        EOFError: the other side has gone.
    """
    return _exactly(file, *FRAME.unpack(_exactly(file, FRAME.size)))


def as_frame(batch: pa.RecordBatch) -> pa.Buffer:
    """Return a batch as a stream of its own: types that refer to a dictionary have it with them."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return sink.getvalue()


def run(source: BinaryIO, target: BinaryIO) -> None:
    """Run the statement that `source` brings, and write its rows, or what is wrong with it."""
    write_frame(target, str(os.getpid()).encode())
    order = json.loads(read_frame(source))
    try:
        _bound(order["memory_bytes"], order["time_limit_s"])
        connection = _loaded(order, source)
        _answer(connection, order, target)
        end = {}
    except (duckdb.Error, pa.ArrowException, MemoryError, ValueError) as error:
        end = {"error": type(error).__name__, "message": str(error)}
    write_frame(target, b"")
    write_frame(target, json.dumps(end).encode())


def _bound(memory_bytes: int, time_limit_s: float) -> None:
    """Let this process grow by so much, or half of what is free, and die in time by itself."""
    os.nice(LESS_URGENT)
    signal.setitimer(signal.ITIMER_REAL, time_limit_s)  # also where nobody is left to end it
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    used, free = _bytes(STATUS, "VmData"), _bytes(MACHINE, "MemAvailable")
    if used is not None and free is not None:  # elsewhere only DuckDB's own limit holds
        bound = used + min(memory_bytes, free // 2)
        resource.setrlimit(resource.RLIMIT_DATA, (bound, bound))


def _loaded(order: dict[str, Any], source: BinaryIO) -> duckdb.DuckDBPyConnection:
    """Return a database that holds the tables of the statement, and reaches nothing else."""
    connection = duckdb.connect(
        config={
            "memory_limit": f"{order['memory_bytes'] // 2**21}MiB",  # half: values take the rest
            "temp_directory": order["folder"],
            "threads": 2,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
    )
    connection.execute(f"set max_temp_directory_size = '{order['spill_bytes'] // 2**20}MiB'")
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute(
        "set global asof_loop_join_threshold = 0"
    )  # as data/store/database.py has it
    for table in order["tables"]:
        rows = pa.RecordBatchReader.from_batches(*_batches(source))
        name = '"' + table.replace('"', '""') + '"'
        if order["is_one_pass"]:
            connection.register(table, rows)
        else:
            connection.register("arriving", rows)
            connection.execute(f"create table {name} as from arriving")
            connection.unregister("arriving")
    connection.execute(f"set allowed_directories = [{order['parts']}]")
    connection.execute("set enable_external_access = false")
    for view in order["views"]:
        connection.execute(view)
    connection.execute("set lock_configuration = true")
    connection.execute("begin transaction read only")
    return connection


def _batches(source: BinaryIO) -> tuple[pa.Schema, Any]:
    """Return the schema of a table, and its batches as they come."""
    schema = pa.ipc.read_schema(pa.py_buffer(read_frame(source)))

    def coming() -> Any:
        while frame := read_frame(source):
            yield from pa.ipc.open_stream(frame)

    return schema, coming()


def _answer(connection: duckdb.DuckDBPyConnection, order: dict[str, Any], target: BinaryIO) -> None:
    """Write no more rows and bytes than are wanted, and one row more to say that there are more."""
    rows = connection.sql(order["sql"]).to_arrow_reader(BATCH_ROWS)
    write_frame(target, rows.schema.serialize())
    left, byte_count = order["most_rows"] + 1, 0
    for batch in rows:
        part = batch.slice(0, left)
        byte_count += part.nbytes
        if byte_count > order["most_bytes"]:
            raise ValueError
        if part.num_rows:
            write_frame(target, as_frame(part))
        left -= part.num_rows
        if left <= 0:
            return


def _exactly(file: BinaryIO, size: int) -> bytes:
    content = file.read(size)
    if len(content) < size:
        raise EOFError
    return content


def _bytes(path: Path, name: str) -> int | None:
    """Return a line of a /proc file, as bytes."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = next((line for line in lines if line.startswith(f"{name}:")), None)
    return int(found.split()[1]) * 1024 if found else None
