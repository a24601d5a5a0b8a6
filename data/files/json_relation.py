"""Landed JSON records as a relation: their fields, also nested ones, and rows below a key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import orjson

from data.files.relation import Form, Payload, Source, SourceColumn, file_option, numbered, paths
from data.raw.json_landing import LONGEST_LINE_BYTES
from data.tables.quoting import literal, literals

SAMPLED_RECORDS = 50
SAMPLED_CHARACTERS = 2**24
DEEPEST = 4


@dataclass(frozen=True, slots=True)
class JsonLayout:
    """The fields of a file's records, those within others as a.b, and the key that rows are below.

    `own` are the fields of the outermost level.
    """

    own: tuple[str, ...]
    nested: tuple[str, ...]
    rows: str | None = None

    @property
    def names(self) -> list[str]:
        """Return all fields that are known."""
        return [*self.own, *self.nested]

    def has(self, name: str) -> bool:
        """Whether a field can be read: of one within another, the outer one is there."""
        return name in self.own or name.split(".")[0] in self.own


def json_layouts(
    connection: duckdb.DuckDBPyConnection,
    payloads: Sequence[Payload],
    *,
    rows: str | None,
    needed: frozenset[str],
    mentioned: frozenset[str] | None,
) -> dict[int, JsonLayout]:
    """Return the layouts of landed files by their numbers.

    `rows` is the key that rows lie below. Without it they are the records themselves, unless
    those lack the `needed` columns and a list in them has them. Of the fields within fields those
    that are `mentioned` are looked for; None is all of them.
    """
    fields = _fields(connection, payloads, rows)
    found = {}
    for payload in payloads:
        own, below = fields[payload.import_no], rows
        spelled = {*own, *(name.strip().casefold() for name in own)}
        if not rows and not needed <= spelled:
            below = _list_below(connection, payload, needed)
            if below:
                own = _fields(connection, [payload], below)[payload.import_no]
        nested: list[str] = []
        if mentioned is None or not mentioned <= set(own):
            nested = _nested(_sample(connection, payload, below), own)
        found[payload.import_no] = JsonLayout(tuple(own), tuple(nested), below)
    return found


def json_source(payloads: Sequence[Payload], layout: JsonLayout, wanted: set[str]) -> Source:
    """Return the wanted fields of landed JSON records as a relation."""
    names = [name for name in layout.names if name in wanted]
    names += sorted(name for name in wanted if name not in layout.names)
    own = frozenset(layout.own)
    pointers = [_pointer([name] if name in own else name.split(".")) for name in names]
    values = f"json_extract_string(record, [{literals(pointers)}])" if names else "null"
    below = f", which has no list below {layout.rows}" if layout.rows else ""
    return Source(
        columns={
            name: SourceColumn(f"nullif(trim(fields[{place}]), '')", Form.JSON_TEXT)
            for place, name in enumerate(names, start=1)
        },
        rows=f"""
            select
                import_no,
                row_number,
                case
                    when unparsed is not null then 'The line is not JSON.'
                    when coalesce(json_type(record), '') <> 'OBJECT'
                        then 'The record is not a JSON object{below}.'
                end as fault,
                unparsed,
                unusable,
                record,
                {values} as fields
            from ({_records(payloads, layout.rows)})
        """,
        raw="""coalesce(
            unparsed.bytes || ' bytes, SHA-256 ' || unparsed.sha256,
            unusable::varchar,
            record::varchar
        )""",
    )


def _records(payloads: Sequence[Payload], rows: str | None) -> str:
    """Return a query for the records: import_no, row_number, record, unparsed, unusable."""
    landed = f"""
        select {numbered(payloads)} as import_no, line as row_number, record, unparsed, unusable
        from {_landed(payloads)}
    """
    if rows is None:
        return landed
    items = f"json_extract(record, {literal(_pointer(rows.split('.')))})"
    # a document without such a list is one record, which is none
    listed = f"case when json_type({items}) = 'ARRAY' then from_json({items}, '[\"json\"]') end"
    return f"""
        select import_no, record, unparsed, unusable,
            row_number() over (partition by import_no order by row_number, place) as row_number
        from (
            select import_no, row_number, unparsed, unusable,
                unnest(items) as record, generate_subscripts(items, 1) as place
            from (select *, coalesce({listed}, ['null'::json]) as items from ({landed}))
        )
    """


def _fields(
    connection: duckdb.DuckDBPyConnection, payloads: Sequence[Payload], rows: str | None
) -> dict[int, list[str]]:
    """Return the fields of records by file, in the order in which they first come."""
    found = connection.execute(
        f"""
        select import_no, name, min(row_number) as first_row
        from (
            select import_no, row_number, unnest(json_keys(record)) as name
            from ({_records(payloads, rows)}) where json_type(record) = 'OBJECT'
        )
        group by all order by import_no, first_row, name
        """
    ).fetchall()
    names: dict[int, list[str]] = {payload.import_no: [] for payload in payloads}
    for import_no, name, _ in found:
        names[import_no].append(str(name))
    return names


def _sample(
    connection: duckdb.DuckDBPyConnection, payload: Payload, rows: str | None
) -> list[dict[str, Any]]:
    found = connection.execute(
        f"""
        select record::varchar from ({_records([payload], rows)})
        where json_type(record) = 'OBJECT' and length(record::varchar) < {SAMPLED_CHARACTERS}
        limit {SAMPLED_RECORDS}
        """
    ).fetchall()
    return [orjson.loads(row[0]) for row in found]


def _nested(sample: Sequence[dict[str, Any]], own: Sequence[str]) -> list[str]:
    """Return the names of fields within fields, as a.b."""
    known = set(own)
    found: dict[str, None] = {}
    for record in sample:
        for name, value in record.items():
            if isinstance(value, dict):
                found |= dict.fromkeys(_leaves(value, name, 1))
    return [name for name in found if name not in known]


def _leaves(value: dict[str, Any], prefix: str, depth: int) -> Iterator[str]:
    for name, inner in value.items():
        path = f"{prefix}.{name}"
        if isinstance(inner, dict) and depth < DEEPEST:
            yield from _leaves(inner, path, depth + 1)
        else:
            yield path


def _list_below(
    connection: duckdb.DuckDBPyConnection, payload: Payload, needed: frozenset[str]
) -> str | None:
    """Return the key of the list whose items have the needed columns, if the records do not."""
    lists: dict[str, set[str]] = {}
    for record in _sample(connection, payload, None):
        if _has(needed, record):
            return None
        for path, items in _lists(record, "", 1):
            keys = lists.setdefault(path, set())
            for item in items[:SAMPLED_RECORDS]:
                keys |= set(_columns(item))
    fitting = [path for path, keys in lists.items() if needed <= keys]
    return fitting[0] if fitting else None


def _has(needed: frozenset[str], record: dict[str, Any]) -> bool:
    return needed <= set(_columns(record))


def _columns(record: dict[str, Any]) -> Iterator[str]:
    """Yield the names by which the fields of a record may be meant."""
    for name, value in record.items():
        yield name
        yield name.strip().casefold()
        if isinstance(value, dict):
            yield from _leaves(value, name, 1)


def _lists(record: dict[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Yield the lists of objects below the keys of a record."""
    for name, value in record.items():
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            yield prefix + name, value
        elif isinstance(value, dict) and depth < DEEPEST:
            yield from _lists(value, f"{prefix}{name}.", depth + 1)


def _pointer(parts: Sequence[str]) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _landed(payloads: Sequence[Payload]) -> str:
    return f"""read_json(
        {paths(payloads)},
        {file_option(payloads)}
        format = 'newline_delimited',
        maximum_object_size = {LONGEST_LINE_BYTES},
        columns = {{
            line: 'bigint',
            unparsed: 'struct(bytes bigint, sha256 varchar)',
            unusable: 'json',
            record: 'json'
        }}
    )"""
