"""The cells of an answer as plain values: text, numbers, booleans, ISO 8601 instants, or None."""

import math
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

Cell = str | int | float | bool | list[object] | dict[str, object] | None

_EXACT_FLOAT = 2**53


def cells(column: "pd.Series[Any]") -> Sequence[Cell]:
    """Return a column's values; unknown is None, whatever stood for it in the frame."""
    kind = column.dtype
    if isinstance(kind, pd.DatetimeTZDtype):
        utc = column.dt.tz_convert("UTC").dt.tz_localize(None)
        return _instants(utc.to_numpy("datetime64[us]"), "Z")
    if pd.api.types.is_datetime64_any_dtype(kind):
        return _instants(column.to_numpy("datetime64[us]"), "")
    if pd.api.types.is_bool_dtype(kind) or pd.api.types.is_integer_dtype(kind):
        return [None if value is pd.NA else value for value in column.tolist()]
    if pd.api.types.is_float_dtype(kind):
        return [_number(value) for value in column.tolist()]
    return [_plain(value) for value in column.tolist()]


def _instants(values: "np.ndarray[tuple[int], np.dtype[np.datetime64]]", zone: str) -> list[Cell]:
    texts = np.datetime_as_string(values, unit="us")
    bare = np.strings.rstrip(np.strings.rstrip(texts, "0"), ".")  # a whole second has no fraction
    known = ~np.isnat(values)
    if not zone and not (values[known] != values[known].astype("datetime64[D]")).any():
        bare, zone = np.datetime_as_string(values, unit="D"), ""
    return [f"{text}{zone}" if ok else None for text, ok in zip(bare, known, strict=True)]


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
