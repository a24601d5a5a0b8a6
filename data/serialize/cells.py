"""The cells of rows as plain values: text, numbers, booleans, ISO 8601 instants, or None."""

import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

Cell = str | int | float | bool | list[object] | dict[str, object] | None

CHUNK_ROWS = 10_000

_EXACT_FLOAT = 2**53


def cell_chunks(rows: pd.DataFrame) -> Iterator[list[Sequence[Cell]]]:
    """Yield the cells of some rows at a time, column by column."""
    series = [rows.iloc[:, position] for position in range(rows.shape[1])]
    dates = [_has_dates_only(column) for column in series]
    for first in range(0, len(rows), CHUNK_ROWS):
        chunk = slice(first, first + CHUNK_ROWS)
        yield [
            _cells(column.iloc[chunk], is_date=is_date)
            for column, is_date in zip(series, dates, strict=True)
        ]


def cells(column: "pd.Series[Any]") -> Sequence[Cell]:
    """Return a column's values; unknown is None, whatever stood for it in the frame."""
    return _cells(column, is_date=_has_dates_only(column))


def records(rows: pd.DataFrame) -> Iterator[dict[str, Cell]]:
    """Yield rows as plain values by column."""
    columns = [cells(rows[name]) for name in rows.columns]
    for row in zip(*columns, strict=True):
        yield dict(zip(rows.columns, row, strict=True))


def _has_dates_only(column: "pd.Series[Any]") -> bool:
    """Whether a column holds days: a frame has no type for them, only midnights without a zone."""
    if column.dtype.kind != "M" or isinstance(column.dtype, pd.DatetimeTZDtype):
        return False
    known = column.dropna().to_numpy("datetime64[us]")
    return not (known != known.astype("datetime64[D]")).any()


def _cells(column: "pd.Series[Any]", *, is_date: bool) -> Sequence[Cell]:
    kind = column.dtype
    if isinstance(kind, pd.DatetimeTZDtype):
        utc = column.dt.tz_convert("UTC").dt.tz_localize(None)
        return [instant and f"{instant}Z" for instant in _instants(utc, is_date=False)]
    if kind.kind == "M":
        return _instants(column, is_date=is_date)
    if pd.api.types.is_bool_dtype(kind) or pd.api.types.is_integer_dtype(kind):
        return [None if value is pd.NA else value for value in column.tolist()]
    if pd.api.types.is_float_dtype(kind):
        return [_number(value) for value in column.tolist()]
    return [_plain(value) for value in column.tolist()]


def _instants(column: "pd.Series[Any]", *, is_date: bool) -> list[str | None]:
    values = column.to_numpy("datetime64[us]")
    if is_date:
        texts = np.datetime_as_string(values, unit="D")
    else:  # a whole second has no fraction
        texts = np.datetime_as_string(values, unit="us")
        texts = np.strings.rstrip(np.strings.rstrip(texts, "0"), ".")
    return [
        None if is_unknown else str(text)
        for text, is_unknown in zip(texts, np.isnat(values), strict=True)
    ]


def _number(value: object) -> Cell:
    """Return a number; a whole one as such, since a null in its column made it a float."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < _EXACT_FLOAT else value


def _plain(value: object) -> Cell:
    if isinstance(value, str | bool):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, datetime):
        return pd.Timestamp(value).tz_convert("UTC").isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal | np.number):
        return value if isinstance(value, int) else _number(float(value))
    return str(value)
