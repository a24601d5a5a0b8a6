"""Files of rows with columns of their own: delimited text, JSON lines and Parquet."""

import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import duckdb
import pandas as pd
import pyarrow.parquet as pq

from data.errors import StokerError
from data.files.delimited import Dialect, dialect_of, head_of
from data.files.guess import folded
from data.files.json_relation import JsonLayout, json_layouts, json_source
from data.files.left_out import may_have_steps
from data.files.local_times import has_repeated
from data.files.mapping import FileFormat, LeaveOut, Mapping, Rule
from data.files.profile import described
from data.files.relation import (
    Form,
    Payload,
    Source,
    SourceColumn,
    delimited_source,
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
_NAME = re.compile(r"[\w .()%/#$\[\]-]{1,60}")
_ERROR = re.compile(rb"[^\n{}]*(?:error|warning|exception|traceback|could not)", re.IGNORECASE)
_DOCUMENT = re.compile(rb"^(?:\{|\[)\s*(?:$|[\"{])", re.MULTILINE)
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
    if text.startswith((b"{", b"[")):
        return "json"
    # an error message may stand before the first document
    return "json" if _ERROR.match(text) and _DOCUMENT.search(text) else "delimited"


@dataclass(frozen=True, slots=True)
class Staged:
    """What was staged: the columns that are not null throughout, and what to say of each file.

    `leaves_out` is whether rows may be left out, `may_be_unclear` whether local times may have two
    readings.
    """

    filled: frozenset[str]
    notes: dict[int, tuple[str, ...]]
    leaves_out: bool = False
    may_be_unclear: bool = False


def stage_files(
    connection: duckdb.DuckDBPyConnection,
    payloads: Sequence[Payload],
    *,
    file_format: str,
    target: Target,
    mapping: Mapping | None,
    relation: str = "checked",
) -> Staged:
    """Type the rows of landed files, all of one format, into the parser's relation `relation`.

    It has the columns of a record, and import_no, row_number, left_out, reason, next_action and
    raw; the last four are null for a good row. Parquet is read again with each use; anything else
    once. Of a single Parquet file that is laid out as the table is, it also has is_altered.

    Raises:
        StokerError: a file as a whole cannot be used.
    """
    groups = _groups(connection, payloads, file_format, mapping, target)
    filled: frozenset[str] = frozenset()
    notes: dict[int, tuple[str, ...]] = {}
    for number, file in enumerate(groups):
        name = relation if len(groups) == 1 else f"{relation}_{number}"
        filled |= _stage(connection, file, target, mapping, name, is_alone=len(payloads) == 1)
        told = (*file.notes, *target.notes(frozenset(_rules(file, target, mapping))))
        notes |= {payload.import_no: told for payload in file.payloads}
    if len(groups) > 1:
        parts = " union all ".join(f"from {relation}_{number}" for number in range(len(groups)))
        connection.execute(f"create temp view {relation} as {parts}")
    rules = (_rules(file, target, mapping) for file in groups)
    leaves_out = bool(mapping and mapping.leave_out) or any(map(may_have_steps, rules))
    may_be_unclear = bool(target.time_line) and has_repeated(_zone(mapping, target))
    return Staged(filled, notes, leaves_out, may_be_unclear)


def _stage(
    connection: duckdb.DuckDBPyConnection,
    file: "_File",
    target: Target,
    mapping: Mapping | None,
    relation: str,
    *,
    is_alone: bool,
) -> frozenset[str]:
    rules = _rules(file, target, mapping)
    leave_out = mapping.leave_out if mapping else ()

    def create(source: Source) -> frozenset[str]:
        columns = read_columns(source, rules, target)
        stored = stored_columns(source, columns, target) if is_alone else {}
        query = rows_query(
            source, columns, target, _zone(mapping, target), stored=stored, leave_out=leave_out
        )
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

    return file.read(rules, create, leave_out, f"{relation}_texts")


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
    file = _opened(connection, path, file_format, mapping, limit, target=target)
    rules = _rules(file, target, mapping)
    zone = _zone(mapping, target)
    leave_out = mapping.leave_out if mapping else ()

    def rows(source: Source) -> pd.DataFrame:
        columns = read_columns(source, rules, target)
        query = rows_query(source, columns, target, zone, limit, leave_out=leave_out)
        found = _frame(connection, query).drop(columns="import_no")
        # of the quick reader, the place is the number
        return found.assign(row_number=range(1, len(found) + 1))

    return file.read(rules, rows, leave_out)


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
    file = _opened(connection, path, file_format, mapping, target=target)
    read = {name for rule in _rules(file, target, mapping).values() for name in rule.sources}
    return [name for name in file.names if name not in read]


@dataclass(frozen=True, slots=True)
class _File:
    """Files of one layout: their columns, how to make them a relation, and how if a line fails.

    `has` is whether they have a column that a mapping names; `notes` say how they are read.
    """

    payloads: Sequence[Payload]
    names: list[str]
    source: Callable[[set[str]], Source]
    again: Callable[[str], Source] | None = None
    has: Callable[[str], bool] | None = None
    notes: tuple[str, ...] = ()

    def read(
        self,
        rules: dict[str, Rule],
        use: Callable[[Source], Result],
        leave_out: Sequence[LeaveOut] = (),
        table: str = "text_rows",
    ) -> Result:
        """Use the files as a relation that has the columns of these rules."""
        wanted = {name for rule in rules.values() for name in rule.sources}
        wanted |= {one.column for one in leave_out}
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
    target: Target | None = None,
) -> _File:
    (file,) = _groups(connection, [Payload(0, path)], file_format, mapping, target, limit)
    return file


def _groups(
    connection: duckdb.DuckDBPyConnection,
    payloads: Sequence[Payload],
    file_format: str,
    mapping: Mapping | None,
    target: Target | None,
    limit: int | None = None,
) -> list[_File]:
    """Return files that are read by one statement each: as few as their layouts allow.

    Without a target all columns are of interest.
    """
    if file_format == "parquet":
        return [
            _parquet_file(alike, parquet_source(connection, alike))
            for alike in _alike(payloads, lambda payload: _schema(payload.path))
        ]
    if file_format == "json":
        needed, mentioned = _needed(mapping, target)
        rows = mapping.format.rows if mapping else None
        layouts = json_layouts(connection, payloads, rows=rows, needed=needed, mentioned=mentioned)
        return [
            _json_file(alike, layouts[alike[0].import_no])
            for alike in _alike(payloads, lambda payload: layouts[payload.import_no])
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


def _needed(
    mapping: Mapping | None, target: Target | None
) -> tuple[frozenset[str], frozenset[str] | None]:
    """Return the columns of a file that its rows must have, and all that are read of it.

    None is all there are.
    """
    if mapping and mapping.columns and target:
        needed = [mapping.columns[name] for name in target.required if name in mapping.columns]
        mentioned = {name for rule in mapping.columns.values() for name in rule.sources}
        mentioned |= {one.column for one in mapping.leave_out}
        return frozenset(name for rule in needed for name in rule.columns), frozenset(mentioned)
    if target:
        return frozenset(target.required), frozenset()
    return frozenset(), None


def _parquet_file(payloads: list[Payload], source: Source) -> _File:
    return _File(payloads, list(source.columns), lambda wanted: source)


def _json_file(payloads: list[Payload], layout: JsonLayout) -> _File:
    notes = (f"The rows lie below {layout.rows}.",) if layout.rows else ()
    return _File(
        payloads,
        layout.names,
        lambda wanted: json_source(payloads, layout, wanted),
        has=layout.has,
        notes=notes,
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
    notes = ("Its numbers have decimal commas.",) if dialect.decimal == "," else ()
    if not dialect.is_plain:
        return _File(payloads, names, lambda wanted: judged("text_rows"), judged, notes=notes)
    # of several files with a malformed line among them, the caller reads one by one
    again = judged if len(payloads) == 1 else None
    return _File(
        payloads, names, lambda wanted: delimited_source(payloads, dialect), again, notes=notes
    )


def _zone(mapping: Mapping | None, target: Target) -> str | None:
    """Return the zone of times without one, if it is known."""
    return (mapping.time_zone if mapping else None) or target.time_zone


def _rules(file: _File, target: Target, mapping: Mapping | None) -> dict[str, Rule]:
    """Return the rules that apply to a file: the mapping's, or the canonical names it has."""
    names = file.names
    has = file.has or (lambda name: name in names)
    for one in mapping.leave_out if mapping else ():
        if not has(one.column):
            raise StokerError(
                f"The file has no column {one.column!r}, by which the mapping leaves rows out."
                f" {_listed(names)}",
                next_action="Correct the name below [leave_out], or take the line out.",
            )
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
            if not has(source):
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
    # what does not look like a name may be the first line of anything, secrets among it
    shown = [
        name[:LONGEST_LISTED] if _NAME.fullmatch(name) else f"({len(name)} characters)"
        for name in names[:LISTED_COUNT]
    ]
    more = f" and {len(names) - LISTED_COUNT} more" if len(names) > LISTED_COUNT else ""
    return f"It has: {', '.join(shown)}{more}."


def _frame(connection: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    # by Arrow: the direct way warns at each column of times
    frame: pd.DataFrame = connection.sql(query).to_arrow_table().to_pandas()
    return frame
