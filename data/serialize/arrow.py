"""Rows of Arrow as a frame: instants in UTC, whole numbers whole, unknown values unknown."""

from typing import Any

import pandas as pd
import pyarrow as pa

from data.errors import StokerError

NULLABLE = {
    pa.int8(): pd.Int8Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.uint8(): pd.UInt8Dtype(),
    pa.uint16(): pd.UInt16Dtype(),
    pa.uint32(): pd.UInt32Dtype(),
    pa.uint64(): pd.UInt64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}


def frame(rows: pa.Table) -> pd.DataFrame:
    """Return rows as a frame. Names that occur twice get a number.

    Raises:
        StokerError: a column's type has no place in a frame.
    """
    names, columns = _distinct(rows.column_names), []
    for name, column in zip(names, rows.columns, strict=True):
        try:
            columns.append(_series(_plain(column)))
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
            raise StokerError(
                f"The values of '{name}' ({column.type}) cannot be shown.",
                next_action=f"Select {name}::varchar.",
            ) from error
    return pd.DataFrame(dict(zip(names, columns, strict=True)))


def _series(column: pa.ChunkedArray) -> "pd.Series[Any]":
    if pa.types.is_nested(column.type):  # as arrays, instants in them would lose their zone
        values = column.to_pylist(maps_as_pydicts="lossy")
        return pd.Series(values, dtype=object)
    series: pd.Series[Any] = column.to_pandas(date_as_object=False, types_mapper=NULLABLE.get)
    return series


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return column.cast(kind.value_type)
    if pa.types.is_timestamp(kind):  # all times here are UTC; what lost its zone gets it back
        return column.cast(pa.timestamp("us", "UTC"), safe=False)
    if pa.types.is_decimal(kind):
        return _number(column)
    if kind == pa.month_day_nano_interval():
        return pa.chunked_array(
            [pa.array([_text(value) for value in column.to_pylist()], pa.string())]
        )
    return column


def _number(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if column.type.scale == 0:
        try:
            return column.cast(pa.int64())
        except pa.ArrowInvalid:  # larger than a whole number may be
            pass
    return column.cast(pa.float64())


def _text(value: Any) -> str | None:
    """Return an interval in words, as DuckDB writes it."""
    if value is None:
        return None
    seconds, nanoseconds = divmod(abs(value.nanoseconds), 10**9)
    minutes, second = divmod(seconds, 60)
    parts = [
        f"{count} {word}{'' if abs(count) == 1 else 's'}"
        for count, word in ((value.months, "month"), (value.days, "day"))
        if count
    ]
    if value.nanoseconds or not parts:
        fraction = f".{nanoseconds // 1000:06}".rstrip("0") if nanoseconds >= 1000 else ""
        sign = "-" if value.nanoseconds < 0 else ""
        parts.append(f"{sign}{minutes // 60:02}:{minutes % 60:02}:{second:02}{fraction}")
    return " ".join(parts)


def _distinct(names: list[str]) -> list[str]:
    distinct: list[str] = []
    for name in names:
        number, candidate = 1, name
        while candidate in distinct:
            candidate, number = f"{name}_{number}", number + 1
        distinct.append(candidate)
    return distinct
