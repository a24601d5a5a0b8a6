"""How an answer is written: an aligned table, CSV, JSON or Parquet."""

import csv
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from app.cli.invocation import Call, Writer
from app.cli.table import write_table
from data.serialize.cells import Cell, cells
from data.serialize.csv_injection import harmless

SUFFIXES = {".csv": "csv", ".json": "json", ".parquet": "parquet"}
CHUNK_ROWS = 10_000


def chosen_format(given: str | None, out: str | None) -> str:
    """Return the format that was asked for, else the one that the file's name tells, else table."""
    return given or SUFFIXES.get(Path(out or "").suffix.lower(), "table")


def write_answer(answer: pd.DataFrame, call: Call, *, given: str | None, out: str | None) -> None:
    """Write an answer to standard output, or to a file that appears whole or not at all."""
    file_format = chosen_format(given, out)
    if out is None:
        write_as(answer, file_format, call.out, width=call.out_width)
        if answer.empty:
            call.err.write("No rows.\n")
        return
    target = call.path(out)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        if file_format == "parquet":
            pq.write_table(pa.Table.from_pandas(answer, preserve_index=False), draft)
        else:
            with draft.open("x", encoding="utf-8", newline="") as opened:
                write_as(answer, file_format, opened)
        draft.replace(target)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    call.err.write(f"{len(answer)} rows written to {target}\n")


def write_as(
    answer: pd.DataFrame, file_format: str, out: Writer, *, width: int | None = None
) -> None:
    """Write an answer as text."""
    if file_format == "csv":
        _write_csv(answer, out)
    elif file_format == "json":
        _write_json(answer, out)
    else:
        write_table(answer, out, width=width)


def _write_csv(answer: pd.DataFrame, out: Writer) -> None:
    # the csv module's protocol and ours are the same: one method, write
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([harmless(str(name)) for name in answer.columns])  # a reader's SQL names them
    for chunk in _chunks(answer):
        columns = [[_safe(cell) for cell in cells(chunk[name])] for name in chunk.columns]
        writer.writerows(zip(*columns, strict=True))


def _write_json(answer: pd.DataFrame, out: Writer) -> None:
    names = list(answer.columns)
    separator = "[\n"
    for chunk in _chunks(answer):
        columns = [cells(chunk[name]) for name in names]
        rows = (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
        out.write(separator + ",\n".join(orjson.dumps(row).decode() for row in rows))
        separator = ",\n"
    out.write("[]\n" if answer.empty else "\n]\n")


def _chunks(answer: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for first in range(0, len(answer), CHUNK_ROWS):
        yield answer.iloc[first : first + CHUNK_ROWS]


def _safe(cell: Cell) -> str | int | float:
    """Return a CSV cell: unknown is empty, and text that a spreadsheet would run is quoted."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, list | dict):
        return orjson.dumps(cell).decode()
    return harmless(cell) if isinstance(cell, str) else cell
