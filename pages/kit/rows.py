"""Rows of a frame, one by one: a column is an attribute, whatever its type."""

from collections.abc import Iterator
from typing import Any

import pandas as pd


def records(rows: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows."""
    yield from rows.itertuples(index=False)


def first_row(rows: pd.DataFrame) -> Any:
    """Return the first row."""
    return next(records(rows))
