"""Rows as CSV: unknown is empty, and nothing in it is run by a spreadsheet."""

import csv
import io
from collections.abc import Iterator

import orjson
import pandas as pd

from data.serialize.cells import Cell, cell_chunks
from data.serialize.csv_injection import harmless


def csv_pieces(rows: pd.DataFrame) -> Iterator[str]:
    """Yield the text of a CSV with a heading."""
    # names are made harmless too: those of a statement are its author's own
    yield _lines([[harmless(str(name)) for name in rows.columns]])
    for columns in cell_chunks(rows):
        yield _lines(zip(*([_field(cell) for cell in column] for column in columns), strict=True))


def _lines(records: "zip[tuple[str | int | float, ...]] | list[list[str]]") -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(records)
    return text.getvalue()


def _field(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, list | dict):
        return orjson.dumps(cell).decode()
    return harmless(cell) if isinstance(cell, str) else cell
