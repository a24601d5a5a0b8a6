"""Files of rows with columns of their own: delimited text, JSON lines and Parquet."""

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Literal, TypeVar

import duckdb
import pandas as pd
import pyarrow.parquet as pq

from data.errors import StokerError
from data.files.delimited import Dialect, dialect_of, head_of
from data.files.guess import folded
from data.files.mapping import FileFormat, Mapping, Rule
from data.files.profile import described
from data.files.relation import (
    Form,
    Payload,
    Source,
    SourceColumn,
    delimited_source,
    json_names,
    json_source,
    judged_source,
    parquet_source,
)
from data.files.rules import Value
from data.files.selection import (
    filled_names,
    read_columns,
    record_query,
    rows_query,
    stored_columns,
)
from data.files.target import Target
from data.raw.compression import GZIP_MAGIC

ExportFormat = Literal["parquet", "json", "delimited"]
UNNAMED = "canonical"
PREVIEW_COUNT = 20
Result = TypeVar("Result")
SAMPLE_COUNT = 10_000
DESCRIBED_COUNT = 1000
LISTED_COUNT = 60
LONGEST_LISTED = 60


def sniff(head: bytes) -> ExportFormat:
    """Tell the format of an export from its first bytes, compressed or not."""
    if head.startswith(GZIP_MAGIC):
        head = zlib.decompressobj(wbits=31).decompress(head, 65536)
    if head.startswith(b"PAR1"):
        return "parquet"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return "json" if text.startswith((b"{", b"[")) else "delimited"


def stage_files(
    connection: duckdb.DuckDBPyConnection,
    payloads: Sequence[Payload],
    *,
    file_format: str,
    target: Target,
    mapping: Mapping | None,
    relation: str = "checked",
) -> frozenset[str]:
    """Type the rows of landed files, all of one format, into the parser's relation `relation`.

    It has the columns of a record, and import_no, row_number, reason, next_action and raw; the
    last three are null for a good row. Parquet is read again with each use; anything else once.
    Of a single Parquet file that is laid out as the table is, it also has is_altered.
    Returns the columns of a record that are not null throughout.

    Raises:
        StokerError: a file as a whole cannot be used.
    """
    pending = _groups(connection, payloads, file_format, mapping)
    filled: frozenset[str] = frozenset()
    names = (f"{relation}_{number}" for number in count())
    staged: list[str] = []
    while pending:
        file, name = pending.pop(0), next(names)
        try:
            filled |= _stage(connection, file, target, mapping, name, is_alone=len(payloads) == 1)
        except (duckdb.InvalidInputException, duckdb.BinderException):
            # a malformed line in one of several files: each half apart
            middle = len(file.payloads) // 2
            if not middle:
                raise
            for half in (file.payloads[middle:], file.payloads[:middle]):
                pending[:0] = _groups(connection, half, file_format, mapping)
        else:
            staged.append(name)
    parts = " union all ".join(f"from {name}" for name in staged)
    connection.execute(f"create temp view {relation} as {parts}")
    return filled


def _stage(
    connection: duckdb.DuckDBPyConnection,
    file: "_File",
    target: Target,
    mapping: Mapping | None,
    relation: str,
    *,
    is_alone: bool,
) -> frozenset[str]:
    rules = _rules(file.names, target, mapping)

    def create(source: Source) -> frozenset[str]:
        columns = read_columns(source, rules, target)
        stored = stored_columns(source, columns, target) if is_alone else {}
        query = rows_query(source, columns, target, _zone(mapping, target), stored=stored)
        rows = f"{relation}_rows"
        if source.is_view:
            rows = f"({query})"
        else:
            connection.execute(f"create or replace temp table {rows} as {query}")
        record = record_query(
            rows,
            columns,
            target,
            mapping.name if mapping else UNNAMED,
            is_positional=source.is_positional,
            stored=stored,
        )
        connection.execute(f"create or replace temp view {relation} as {record}")
        return filled_names(columns, target)

    return file.read(rules, create, f"{relation}_texts")


def stage_rows(
    connection: duckdb.DuckDBPyConnection, rows: str, target: Target, relation: str
) -> frozenset[str]:
    """Type and check the relation `rows`, which has texts named as columns, into `relation`.

    It has import_no, row_number, fault and raw_text too. Returns what `stage_files` returns.
    """
    described = connection.execute(f"describe {rows}").fetchall()
    names = [str(row[0]) for row in described if row[0] in target.kinds]
    # typed columns have the names that the texts have here
    texts = ", ".join(f"{name} as t_{name}" for name in names)
    source = Source(
        columns={name: SourceColumn(f"nullif(trim(t_{name}), '')", Form.TEXT) for name in names},
        rows=f"select import_no, row_number, fault, raw_text, {texts} from {rows}",
        raw="raw_text",
    )
    columns = read_columns(source, {name: Rule((name,)) for name in names}, target)
    query = rows_query(source, columns, target, None)
    record = record_query(f"({query})", columns, target, UNNAMED, is_positional=False)
    connection.execute(f"create temp table {relation} as {record}")
    return filled_names(columns, target)


def preview(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    *,
    file_format: str,
    target: Target,
    mapping: Mapping | None,
    limit: int = PREVIEW_COUNT,
) -> pd.DataFrame:
    """Return the first rows as they would be read, with the reason of those that would not.

    Raises:
        StokerError: the file as a whole cannot be used.
    """
    file = _opened(connection, path, file_format, mapping, limit)
    rules = _rules(file.names, target, mapping)
    zone = _zone(mapping, target)

    def rows(source: Source) -> pd.DataFrame:
        query = rows_query(source, read_columns(source, rules, target), target, zone, limit)
        found = _frame(connection, query).drop(columns="import_no")
        # of the quick reader, the place is the number
        return found.assign(row_number=range(1, len(found) + 1))

    return file.read(rules, rows)


def source_columns(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    *,
    file_format: str,
    mapping: Mapping | None = None,
) -> pd.DataFrame:
    """Return what the first 10,000 rows say of each column of a file.

    Columns: name, type, samples (three values), null_ratio, low and high (of numbers).

    Raises:
        StokerError: the file as a whole cannot be used.
    """
    file = _opened(connection, path, file_format, mapping, SAMPLE_COUNT)
    names = file.names[:DESCRIBED_COUNT]

    def sampled(source: Source) -> pd.DataFrame:
        texts = (
            f"{Value(column.sql, column.form).text} as t{place}"
            for place, column in enumerate(source.columns[name] for name in names)
        )
        rows = _frame(
            connection, f"select {', '.join(texts)} from ({source.rows}) limit {SAMPLE_COUNT}"
        )
        forms = [source.columns[name].form for name in names]
        return described(names, forms, rows)

    return file.read({name: Rule((name,)) for name in names}, sampled)


def ignored_columns(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    *,
    file_format: str,
    target: Target,
    mapping: Mapping | None,
) -> list[str]:
    """Return the columns of the file that are not read."""
    names = _opened(connection, path, file_format, mapping).names
    read = {name for rule in _rules(names, target, mapping).values() for name in rule.sources}
    return [name for name in names if name not in read]


@dataclass(frozen=True, slots=True)
class _File:
    """Files of one layout: their columns, how to make them a relation, and how if a line fails."""

    names: list[str]
    payloads: Sequence[Payload]
    source: Callable[[set[str]], Source]
    again: Callable[[str], Source] | None = None

    def read(
        self,
        rules: dict[str, Rule],
        use: Callable[[Source], Result],
        table: str = "text_rows",
    ) -> Result:
        """Use the files as a relation that has the columns of these rules."""
        wanted = {name for rule in rules.values() for name in rule.sources}
        try:
            return use(self.source(wanted))
        except (duckdb.InvalidInputException, duckdb.BinderException):
            if self.again is None:
                raise
            return use(self.again(table))


def _opened(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    file_format: str,
    mapping: Mapping | None,
    limit: int | None = None,
) -> _File:
    (file,) = _groups(connection, [Payload(0, path)], file_format, mapping, limit)
    return file


def _groups(
    connection: duckdb.DuckDBPyConnection,
    payloads: Sequence[Payload],
    file_format: str,
    mapping: Mapping | None,
    limit: int | None = None,
) -> list[_File]:
    """Return files that are read by one statement each: as few as their layouts allow."""
    if file_format == "parquet":
        return [
            _parquet_file(alike, parquet_source(connection, alike))
            for alike in _alike(payloads, lambda payload: _schema(payload.path))
        ]
    if file_format == "json":
        names = json_names(connection, payloads)
        return [
            _json_file(alike, names[alike[0].import_no])
            for alike in _alike(payloads, lambda payload: tuple(names[payload.import_no]))
        ]
    given = mapping.format if mapping else FileFormat()
    dialects = {payload: dialect_of(head_of(payload.path), given) for payload in payloads}
    return [
        _text_file(connection, group, dialects[group[0]], limit)
        for alike in _alike(payloads, lambda payload: dialects[payload])
        for group in ([alike] if dialects[alike[0]].is_plain else [[one] for one in alike])
    ]


def _alike(
    payloads: Sequence[Payload], layout: Callable[[Payload], object]
) -> Iterable[list[Payload]]:
    if len(payloads) == 1:
        return [list(payloads)]
    groups: dict[object, list[Payload]] = {}
    for payload in payloads:
        groups.setdefault(layout(payload), []).append(payload)
    return groups.values()


def _schema(path: Path) -> str:
    return str(pq.read_schema(path).remove_metadata())


def _parquet_file(payloads: list[Payload], source: Source) -> _File:
    return _File(list(source.columns), payloads, lambda wanted: source)


def _json_file(payloads: list[Payload], names: list[str]) -> _File:
    return _File(
        names,
        payloads,
        lambda wanted: json_source(payloads, [name for name in names if name in wanted]),
    )


def _text_file(
    connection: duckdb.DuckDBPyConnection,
    payloads: list[Payload],
    dialect: Dialect,
    limit: int | None,
) -> _File:
    def judged(table: str) -> Source:
        return judged_source(connection, payloads[0], dialect, table, limit)

    names = list(dialect.names)
    if not dialect.is_plain:
        return _File(names, payloads, lambda wanted: judged("text_rows"), judged)
    # of several files with a malformed line among them, each half is read apart
    again = judged if len(payloads) == 1 else None
    return _File(names, payloads, lambda wanted: delimited_source(payloads, dialect), again)


def _zone(mapping: Mapping | None, target: Target) -> str | None:
    """Return the zone of times without one, if it is known."""
    return (mapping.time_zone if mapping else None) or target.time_zone


def _rules(names: list[str], target: Target, mapping: Mapping | None) -> dict[str, Rule]:
    """Return the rules that apply to a file: the mapping's, or the canonical names it has."""
    if mapping is None or not mapping.columns:
        spelled = {name.strip().casefold(): name for name in reversed(names)}
        rules = {name: Rule((spelled[name],)) for name in target.kinds if name in spelled}
        if target.reads_synonyms:
            rules |= _by_synonyms(names, target, rules)
        for name in target.required:
            if name not in rules:
                raise StokerError(
                    f"The file has no column {name}. {_listed(names)}",
                    next_action=(
                        f"Name the columns {target.named_as}, or say which is which:"
                        " `stoker ingest FILE --mapping MAPPING.toml` (see docs/examples)."
                    ),
                )
        return rules
    for name in target.required:
        if name not in mapping.columns:
            raise StokerError(
                f"The mapping {mapping.name} does not say what {name} is. {_listed(names)}",
                next_action=f'Add {name} = "the column" below [columns].',
            )
    for name, rule in mapping.columns.items():
        for source in rule.sources:
            if source not in names:
                raise StokerError(
                    f"The file has no column {source!r}, which the mapping {mapping.name} reads"
                    f" for {name}. {_listed(names)}",
                    next_action="Correct the name in the mapping, or take the line out.",
                )
    return mapping.columns


def _by_synonyms(names: list[str], target: Target, known: dict[str, Rule]) -> dict[str, Rule]:
    """Return rules for columns that bear another name for a canonical one, the likeliest first."""
    taken = {source for rule in known.values() for source in rule.sources}
    by_name = {folded(name): name for name in reversed(names) if name not in taken}
    rules: dict[str, Rule] = {}
    for canonical in target.kinds:
        spellings = (*target.synonyms.get(canonical, ()), folded(canonical))
        source = next((by_name[name] for name in spellings if name in by_name), None)
        if canonical not in known and source is not None:
            rules[canonical] = Rule((source,))
    return rules


def _listed(names: list[str]) -> str:
    if not names:
        return "It has no columns at all."
    shown = [name[:LONGEST_LISTED] for name in names[:LISTED_COUNT]]
    more = f" and {len(names) - LISTED_COUNT} more" if len(names) > LISTED_COUNT else ""
    return f"It has: {', '.join(shown)}{more}."


def _frame(connection: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    # by Arrow: the direct way warns at each column of times
    frame: pd.DataFrame = connection.sql(query).to_arrow_table().to_pandas()
    return frame
