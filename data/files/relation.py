"""Files of rows as a relation, whose columns are c0, c1, ... whatever the files call them.

Several files of one layout are one relation; `import_no` says which file a row is from.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import StokerError
from data.files.delimited import Dialect, records, text_of
from data.tables.quoting import identifier, literal, literals

LONGEST_RAW_CHARACTERS = 100_000
RECORDS_A_BATCH = 5_000


class Form(Enum):
    """What the source itself says of its values."""

    TEXT = "text"
    COMMA_TEXT = "text with decimal commas"
    JSON_TEXT = "text of JSON"
    INTEGER = "whole number"
    DOUBLE = "number"
    BOOLEAN = "boolean"
    INSTANT = "time"
    LOCAL_TIME = "time without a zone"
    DURATION = "duration"
    NESTED = "nested"
    BINARY = "binary"

    @property
    def is_text(self) -> bool:
        """Whether the values are texts, whatever stands in them."""
        return self in (Form.TEXT, Form.COMMA_TEXT, Form.JSON_TEXT)


class Payload(NamedTuple):
    """A landed file, and its number among those that are read together."""

    import_no: int
    path: Path


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of the file: SQL for its values, and their form."""

    sql: str
    form: Form


@dataclass(frozen=True, slots=True)
class Source:
    """Files as a relation.

    `rows` is a query that gives import_no, row_number (null where the place in the result is the
    number), fault, and what the columns' SQL and `raw` (the row as text) name. `stored` are the
    columns of a typed file as it has them: SQL and type.
    """

    columns: dict[str, SourceColumn]
    rows: str
    raw: str
    is_view: bool = False
    is_positional: bool = False
    stored: Mapping[str, tuple[str, str]] = field(default_factory=dict)


FILE = "stoker_payload"


def paths(payloads: Sequence[Payload]) -> str:
    """Return SQL for the list of the files."""
    return f"[{literals(str(payload.path) for payload in payloads)}]"


def file_option(payloads: Sequence[Payload]) -> str:
    """Return the option that names the file of each row, where there are several."""
    return f"filename = {literal(FILE)}," if len(payloads) > 1 else ""


def numbered(payloads: Sequence[Payload]) -> str:
    """Return SQL for the number of the file that a row is from."""
    if len(payloads) == 1:
        return f"{payloads[0].import_no}::integer"
    numbers = ", ".join(str(payload.import_no) for payload in payloads)
    return f"[{numbers}][list_position({paths(payloads)}, {FILE})]::integer"


def parquet_source(connection: duckdb.DuckDBPyConnection, payloads: Sequence[Payload]) -> Source:
    """Return Parquet files of one schema as a relation.

    Raises:
        StokerError: they cannot be read.
    """
    read = f"read_parquet({paths(payloads)}, {file_option(payloads)} hive_partitioning = false)"
    try:
        described = [
            row
            for row in connection.execute(f"describe select * from {read}").fetchall()
            if row[0] != FILE
        ]
        units = _duration_units(payloads[0].path)
        nested = _nested(connection, read, [(str(row[0]), str(row[1])) for row in described])
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise StokerError(
            f"The file is not a readable Parquet file ({str(error).splitlines()[0]}).",
            next_action="Export it again, and check that all of it was copied.",
        ) from error
    names = [str(row[0]) for row in described]
    # a column of the file hides the virtual one
    number = "row_number() over ()" if "file_row_number" in names else "file_row_number + 1"
    chosen = [f"{identifier(name)} as c{place}" for place, name in enumerate(names)]
    fields = [f"{identifier(name)} := c{place}" for place, name in enumerate(names)]
    return Source(
        columns={
            name: _native(f"c{place}", str(row[1]), units.get(name))
            for place, (name, row) in enumerate(zip(names, described, strict=True))
        }
        | {
            name: _native(sql, type_name, units.get(name))
            for name, (sql, type_name) in nested.items()
            if name not in names
        },
        rows=f"""
            select
                {numbered(payloads)} as import_no,
                {number} as row_number,
                null::varchar as fault,
                {", ".join(chosen)}
            from {read}
        """,
        raw=f"to_json(struct_pack({', '.join(fields)}))::varchar",
        is_view=True,
        stored={
            name: (f"c{place}", str(row[1]))
            for place, (name, row) in enumerate(zip(names, described, strict=True))
        },
    )


def _duration_units(path: Path) -> dict[str, str]:
    """Return the units to a second of columns that are durations: to Parquet they are numbers."""
    units = {"s": "1.0", "ms": "1e3", "us": "1e6", "ns": "1e9"}
    found: dict[str, str] = {}

    def look(fields: Iterable[pa.Field], prefix: str) -> None:
        for known in fields:
            if pa.types.is_duration(known.type):
                found[prefix + known.name] = units[known.type.unit]
            elif pa.types.is_struct(known.type):
                inner = (known.type.field(place) for place in range(known.type.num_fields))
                look(inner, f"{prefix}{known.name}.")

    look(pq.read_schema(path), "")
    return found


def _nested(
    connection: duckdb.DuckDBPyConnection, read: str, known: list[tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """Return the fields within columns, as a.b.c: SQL and type."""
    found: dict[str, tuple[str, str]] = {}
    level = {name: (f"c{place}", kind) for place, (name, kind) in enumerate(known)}
    renamed = ", ".join(f"{identifier(name)} as c{place}" for place, (name, _) in enumerate(known))
    while structs := {
        name: sql
        for name, (sql, kind) in level.items()
        if kind.startswith("STRUCT") and not kind.endswith("]")
    }:
        level = {}
        for name, sql in structs.items():
            inner = connection.execute(
                f"describe select unnest(s)"
                f" from (select {sql} as s from (select {renamed} from {read}))"
            ).fetchall()
            for field_name, kind, *_ in inner:
                part = f"struct_extract({sql}, {literal(str(field_name))})"
                level[f"{name}.{field_name}"] = (part, str(kind))
        found |= level
    return found


def _native(sql: str, type_name: str, units_a_second: str | None = None) -> SourceColumn:
    """Return a typed column in the form that its values are read in."""
    base = type_name.split("(")[0]
    if type_name.endswith("]") or base in ("STRUCT", "MAP", "UNION", "VARIANT"):
        return SourceColumn(sql, Form.NESTED)
    if units_a_second:
        return SourceColumn(f"{sql} / {units_a_second}", Form.DURATION)
    if base.endswith("INT") or base == "INTEGER" or base == "UINTEGER":
        return SourceColumn(sql, Form.INTEGER)
    if base in ("FLOAT", "DOUBLE"):
        # by isnan: a comparison is folded away by the file's own range, which leaves NaN out
        return SourceColumn(f"case when isnan({sql}) then null else {sql}::double end", Form.DOUBLE)
    if base == "DECIMAL":
        return SourceColumn(f"{sql}::double", Form.DOUBLE)
    if base == "INTERVAL":
        return SourceColumn(f"epoch({sql})", Form.DURATION)
    if base == "BOOLEAN":
        return SourceColumn(sql, Form.BOOLEAN)
    if base in ("BLOB", "BIT", "GEOMETRY"):
        return SourceColumn(sql, Form.BINARY)
    if base == "TIMESTAMP WITH TIME ZONE":
        return SourceColumn(sql, Form.INSTANT)
    if base.startswith("TIMESTAMPTZ"):  # of nanoseconds, as pandas writes them
        return SourceColumn(f"{sql}::timestamptz", Form.INSTANT)
    if base.startswith("TIMESTAMP"):
        return SourceColumn(f"{sql}::timestamp", Form.LOCAL_TIME)
    return SourceColumn(f"nullif(trim({sql}::varchar), '')", Form.TEXT)


def delimited_source(payloads: Sequence[Payload], dialect: Dialect) -> Source:
    """Return delimited texts of one dialect as a relation that fails on a malformed line."""
    types = ", ".join(f"c{place}: 'varchar'" for place in range(len(dialect.names)))
    columns = ", ".join(f"c{place}" for place in range(len(dialect.names)))
    rows = f"""
        select
            {numbered(payloads)} as import_no,
            null::bigint as row_number,
            null::varchar as fault,
            null::varchar as text,
            {columns}
        from read_csv(
            {paths(payloads)},
            {file_option(payloads)}
            auto_detect = false,
            header = false,
            strict_mode = true,
            skip = {dialect.lines_before},
            delim = {literal(dialect.delimiter)},
            quote = {literal(dialect.quote)},
            escape = {literal(dialect.escape)},
            compression = 'none',
            columns = {{{types}}}
        )
    """
    return _text_source(dialect, rows, is_positional=True)


def judged_source(
    connection: duckdb.DuckDBPyConnection,
    payload: Payload,
    dialect: Dialect,
    table: str,
    limit: int | None = None,
) -> Source:
    """Return a delimited text as a relation in which malformed lines have a fault.

    It is read into the temporary table `table`, slower than by DuckDB's own reader.
    """
    places = range(len(dialect.names))
    connection.execute(
        f"create or replace temp table {table}"
        " (import_no integer, row_number bigint, fault varchar, text varchar, "
        + ", ".join(f"c{place} varchar" for place in places)
        + ")"
    )
    empty: list[str | None] = [None] * len(dialect.names)
    with payload.path.open("rb") as opened, text_of(opened) as text:
        found = islice(enumerate(records(iter(text), dialect), start=1), limit)
        while batch := list(islice(found, RECORDS_A_BATCH)):
            fields = list(zip(*(record.fields or empty for _, record in batch), strict=True))
            columns: dict[str, pa.Array] = {
                "import_no": pa.array([payload.import_no] * len(batch), pa.int32()),
                "row_number": pa.array([number for number, _ in batch], pa.int64()),
                "fault": pa.array([record.fault for _, record in batch], pa.string()),
                "text": pa.array(
                    [_raw(record.text, record.fault) for _, record in batch], pa.string()
                ),
            }
            columns |= {f"c{place}": pa.array(fields[place], pa.string()) for place in places}
            connection.register("text_batch", pa.table(columns))
            connection.execute(f"insert into {table} from text_batch")
            connection.unregister("text_batch")
    return _text_source(dialect, f"select * from {table}", is_positional=False)


def _raw(text: str, fault: str | None) -> str | None:
    if fault is None:
        return None
    readable = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return readable.rstrip("\r\n")[:LONGEST_RAW_CHARACTERS]


def _text_source(dialect: Dialect, rows: str, *, is_positional: bool) -> Source:
    pairs = (f"{literal(name)}, c{place}" for place, name in enumerate(dialect.names))
    return Source(
        columns={
            name: SourceColumn(
                f"plain_text(c{place})",
                Form.COMMA_TEXT if dialect.decimal == "," else Form.TEXT,
            )
            for place, name in enumerate(dialect.names)
        },
        rows=rows,
        raw=f"coalesce(text, json_object({', '.join(pairs)})::varchar)",
        is_positional=is_positional,
    )
