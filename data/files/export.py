"""Job exports that are not AWS's JSON: delimited text, JSON lines and Parquet."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import duckdb
import pandas as pd

from data.errors import StokerError
from data.files.columns import EXPORT_COLUMNS, REQUIRED
from data.files.delimited import GZIP_MAGIC
from data.files.landing_form import landed_form
from data.files.mapping import FileFormat, Mapping, Rule
from data.files.profile import described
from data.files.relation import (
    Source,
    delimited_source,
    json_names,
    json_source,
    judged_source,
    parquet_source,
)
from data.files.rules import Value
from data.files.selection import given_columns, record_query, rows_query

__all__ = [
    "EXPORT_FORMATS",
    "ignored_columns",
    "landed_form",
    "preview",
    "sniff",
    "source_columns",
    "stage_export",
]

ExportFormat = Literal["parquet", "json", "delimited"]
EXPORT_FORMATS: tuple[ExportFormat, ...] = ("parquet", "json", "delimited")
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


def stage_export(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    *,
    file_format: str,
    mapping: Mapping | None,
) -> None:
    """Type the rows of an export into the parser's relation `checked`.

    It has the columns of COLUMNS, and row_number, reason, next_action and raw; the last three are
    null for a good row. A Parquet file is read again with each use; anything else is read once.

    Raises:
        StokerError: the file as a whole cannot be used.
    """
    file = _opened(connection, path, file_format, mapping)
    rules = _rules(file.names, mapping)
    account_id = f"import:{mapping.name if mapping else UNNAMED}"

    def create(source: Source) -> None:
        columns = given_columns(source, rules)
        query = rows_query(source, columns, mapping.time_zone if mapping else None)
        if not source.is_view:
            connection.execute(f"create or replace temp table export_rows as {query}")
        rows = f"({query})" if source.is_view else "export_rows"
        record = record_query(rows, columns, account_id, is_positional=source.is_positional)
        connection.execute(f"create or replace temp view checked as {record}")

    file.read(rules, create)


def preview(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    *,
    file_format: str,
    mapping: Mapping | None,
    limit: int = PREVIEW_COUNT,
) -> pd.DataFrame:
    """Return the first rows as they would be taken in, with the reason of those that would not.

    Raises:
        StokerError: the file as a whole cannot be used.
    """
    file = _opened(connection, path, file_format, mapping, limit)
    rules = _rules(file.names, mapping)
    zone = mapping.time_zone if mapping else None

    def rows(source: Source) -> pd.DataFrame:
        query = rows_query(source, given_columns(source, rules), zone, limit)
        found = _frame(connection, query)
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
    mapping: Mapping | None,
) -> list[str]:
    """Return the columns of the file that are not read."""
    names = _opened(connection, path, file_format, mapping).names
    read = {name for rule in _rules(names, mapping).values() for name in rule.sources}
    return [name for name in names if name not in read]


@dataclass(frozen=True, slots=True)
class _File:
    """A file's columns, how to make it a relation, and how where that fails on a line."""

    names: list[str]
    source: Callable[[set[str]], Source]
    again: Callable[[], Source] | None = None

    def read(self, rules: dict[str, Rule], use: Callable[[Source], Result]) -> Result:
        """Use the file as a relation that has the columns of these rules."""
        wanted = {name for rule in rules.values() for name in rule.sources}
        try:
            return use(self.source(wanted))
        except (duckdb.InvalidInputException, duckdb.BinderException):
            if self.again is None:
                raise
            return use(self.again())


def _opened(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    file_format: str,
    mapping: Mapping | None,
    limit: int | None = None,
) -> _File:
    if file_format == "parquet":
        parquet = parquet_source(connection, path)
        return _File(list(parquet.columns), lambda wanted: parquet)
    if file_format == "json":
        names = json_names(connection, path)
        return _File(
            names, lambda wanted: json_source(path, [name for name in names if name in wanted])
        )
    text, dialect = delimited_source(path, mapping.format if mapping else FileFormat())

    def judged() -> Source:
        return judged_source(connection, path, dialect, limit)

    if dialect.is_plain:
        return _File(list(dialect.names), lambda wanted: text, judged)
    return _File(list(dialect.names), lambda wanted: judged())


def _rules(names: list[str], mapping: Mapping | None) -> dict[str, Rule]:
    """Return the rules that apply to a file: the mapping's, or the canonical names it has."""
    if mapping is None or not mapping.columns:
        spelled = {name.strip().casefold(): name for name in reversed(names)}
        rules = {name: Rule((spelled[name],)) for name in EXPORT_COLUMNS if name in spelled}
        for name in REQUIRED:
            if name not in rules:
                raise StokerError(
                    f"The file has no column {name}. {_listed(names)}",
                    next_action=(
                        "Name the columns as `stoker ask jobs` does, or say which is which:"
                        " `stoker ingest FILE --mapping MAPPING.toml` (see docs/examples)."
                    ),
                )
        return rules
    for name in REQUIRED:
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
