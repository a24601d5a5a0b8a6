"""Tables of a view as text, with the headings, units and labels of the screen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.tables.declaration import Column, Kind
from pages.kit.blocks import PlainTable, Table
from pages.kit.canvas import MOST_ROWS
from pages.kit.formats import SpanUnit, count, is_unknown, span_unit
from pages.kit.labels import label

NUMBERS: dict[Kind, Callable[[Any], str]] = {
    Kind.COUNT: lambda value: f"{value:,.0f}",
    Kind.NUMBER: lambda value: f"{value:z,.1f}",
    Kind.SECONDS: lambda value: f"{value:z,.1f}",
    Kind.USD: lambda value: f"{value:z,.2f}",
    Kind.PRICE: lambda value: f"{value:z,.4f}",
    Kind.FINE: lambda value: f"{value:z,.4f}",
    Kind.RATIO: lambda value: f"{value * 100:z.1f} %",
}


@dataclass(frozen=True, slots=True)
class ColumnText:
    """A column's heading, and how its cells are set: as number, date, or text."""

    heading: str
    style: str = "text"


@dataclass(frozen=True, slots=True)
class TableText:
    """A table as it is written; None is an empty cell."""

    caption: str
    columns: Sequence[ColumnText]
    rows: Sequence[Sequence[str | None]]
    placeholder: str


def table_text(table: Table) -> TableText:
    """Return the first rows of a table as text."""
    rows = table.rows.head(MOST_ROWS)
    units = [
        span_unit(table.rows[column.name]) if column.kind is Kind.HOURS else None
        for column in table.columns
    ]
    cells = [
        [_cell(value, column, unit) for value in rows[column.name]]
        for column, unit in zip(table.columns, units, strict=True)
    ]
    columns = [
        ColumnText(unit.heading(column.heading) if unit else column.heading, _style(column.kind))
        for column, unit in zip(table.columns, units, strict=True)
    ]
    return TableText(
        _caption(table.alt, len(table.rows), table.what),
        columns,
        list(zip(*cells, strict=True)),
        table.placeholder,
    )


def plain_table_text(table: PlainTable) -> TableText:
    """Return the first rows of a table under their own names, as text."""
    cells = [
        [None if _is_empty(value) else str(value) for value in table.rows[name].head(MOST_ROWS)]
        for name in table.rows.columns
    ]
    return TableText(
        _caption(table.alt, len(table.rows), "rows"),
        [ColumnText(str(name)) for name in table.rows.columns],
        list(zip(*cells, strict=True)),
        "",
    )


def _style(kind: Kind) -> str:
    if kind in NUMBERS or kind is Kind.HOURS:
        return "number"
    return "date" if kind in (Kind.MOMENT, Kind.DAY) else "text"


def _caption(alt: str, row_count: int, what: str) -> str:
    cut = f" {count(MOST_ROWS)} of {count(row_count)} {what} shown."
    return f"{alt.rstrip('.')}.{cut if row_count > MOST_ROWS else ''}"


def _cell(value: Any, column: Column, unit: SpanUnit | None) -> str | None:
    if _is_empty(value):
        return None
    if unit:
        return f"{value / unit.seconds:z,.{unit.digits}f}"
    match column.kind:
        case kind if kind in NUMBERS:
            return NUMBERS[kind](value)
        case Kind.CODE:
            return label(column.name, value)
        case Kind.MOMENT:
            return f"{pd.Timestamp(value):%Y-%m-%d %H:%M}"
        case Kind.DAY:
            return f"{pd.Timestamp(value):%Y-%m-%d}"
        case Kind.FLAG:
            return "yes" if value else "no"
    return str(value)


def _is_empty(value: Any) -> bool:
    return bool(pd.api.types.is_scalar(value)) and is_unknown(value)
