"""Tables of a view as HTML, with the headings, units and words of the screen."""

from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd

from pages.kit.blocks import Table
from pages.kit.columns import COLUMNS, Column
from pages.kit.formats import count, is_unknown
from pages.kit.labels import word

MOST_ROWS = 1000
SECONDS_PER_HOUR = 3600
NUMBERS: dict[str, Callable[[Any], str]] = {
    "count": lambda value: f"{value:,.0f}",
    "number": lambda value: f"{value:,.1f}",
    "seconds": lambda value: f"{value:,.1f}",
    "hours": lambda value: f"{value / SECONDS_PER_HOUR:,.1f}",
    "usd": lambda value: f"{value:,.2f}",
    "price": lambda value: f"{value:,.4f}",
    "ratio": lambda value: f"{value * 100:.1f} %",
}


def table_html(table: Table, element_id: str) -> str:
    """Return a table as HTML in a region that scrolls."""
    columns = [(name, COLUMNS.get(name, Column(name))) for name in table.names]
    rows = table.rows.head(MOST_ROWS)
    head = "".join(
        f'<th scope="col"{_class(column)}>{escape(column.heading)}</th>' for _, column in columns
    )
    cells = [
        [_cell(value, name, column, table.placeholder) for value in rows[name]]
        for name, column in columns
    ]
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*cells, strict=True))
    return (
        f'<div class="table" role="region" tabindex="0" aria-labelledby="{element_id}">'
        f'<table><caption id="{element_id}">{_caption(table)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _caption(table: Table) -> str:
    shown, found = min(len(table.rows), MOST_ROWS), len(table.rows)
    cut = f" {count(shown)} of {count(found)} {table.what} shown." if shown < found else ""
    return escape(f"{table.alt.rstrip('.')}.{cut}")


def _cell(value: Any, name: str, column: Column, placeholder: str) -> str:
    written = _text(value, name, column)
    if written is None:
        return f'<td class="none">{escape(placeholder)}</td>'
    return f"<td{_class(column)}>{escape(written)}</td>"


def _text(value: Any, name: str, column: Column) -> str | None:
    if not isinstance(value, list | dict) and is_unknown(value):
        return None
    match column.kind:
        case kind if kind in NUMBERS:
            return NUMBERS[kind](value)
        case "word":
            return word(name, value)
        case "moment":
            return f"{pd.Timestamp(value):%Y-%m-%d %H:%M}"
        case "date":
            return f"{pd.Timestamp(value):%Y-%m-%d}"
        case "flag":
            return "yes" if value else "no"
    return str(value)


def _class(column: Column) -> str:
    return ' class="number"' if column.kind in NUMBERS else ""
