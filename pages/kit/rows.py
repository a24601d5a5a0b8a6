"""Rows of a frame, one by one: a column is an attribute, whatever its type."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pandas as pd


def records(rows: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows."""
    # quicker than itertuples: that makes a class each time, and takes strings one by one
    names = list(rows.columns)
    for values in zip(*(_values(column) for _, column in rows.items()), strict=True):
        yield SimpleNamespace(**dict(zip(names, values, strict=True)))


def first_row(rows: pd.DataFrame) -> Any:
    """Return the first row."""
    return next(records(rows[:1]))


def _values(column: "pd.Series[Any]") -> list[Any]:
    is_text = isinstance(column.dtype, pd.StringDtype)
    values: list[Any] = (column.to_numpy(dtype=object) if is_text else column).tolist()
    return values
