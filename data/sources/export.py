"""Job exports that are not AWS's JSON: delimited text, JSON lines and Parquet, with or without a mapping."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import pandas as pd

from data.errors import StokerError
from data.sources.delimited import GZIP_MAGIC
from data.sources.export_checks import Given
from data.sources.export_columns import EXPORT_COLUMNS, REQUIRED
from data.sources.export_landing import landed_form
from data.sources.export_select import given_columns, record_query, rows_query
from data.sources.export_source import (
    Source,
    delimited_source,
    json_names,
    json_source,
    judged_source,
    parquet_source,
)
from data.sources.mapping import FileFormat, Mapping, Rule

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
SAMPLE_COUNT = 10_000
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
    plan = _plan(connection, path, file_format, mapping)

    def create(source: Source) -> None:
        query = rows_query(source, plan.columns, plan.time_zone)
        rows = f"({query})" if source.is_view else "export_rows"
        if not source.is_view:
            connection.execute(f"create or replace temp table export_rows as {query}")
        record = record_query(
            rows, plan.columns, plan.account_id, is_positional=source.is_positional
        )
        connection.execute(f"create temp view checked as {record}")

    plan.run(create)


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
    plan = _plan(connection, path, file_format, mapping, limit)
    return plan.run(
        lambda source: connection.sql(
            rows_query(source, plan.columns, plan.time_zone, limit)
        ).to_arrow_table().to_pandas()
    )


def ignored_columns(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    *,
    file_format: str,
    mapping: Mapping | None,
) -> list[str]:
    """Return the columns of the file that are not read."""
    names = _names(connection, path, file_format, mapping)
    read = {name for rule in _rules(names, mapping).values() for name in rule.sources}
    return [name for name in names if name not in read]
