"""Tables on the screen: human headings with units, unknown said, and downloads."""

import zlib
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Any, Literal, TypeVar

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.tables.declaration import Column, Kind
from pages.kit import row_links
from pages.kit.blocks import Download, PlainTable, Table
from pages.kit.canvas import MOST_ROWS
from pages.kit.downloads import FORMS
from pages.kit.formats import span_unit, without_minus_zero
from pages.kit.labels import label
from pages.kit.visit import Params

Rows = TypeVar("Rows", pd.DataFrame, "pd.Series[Any]")

DIGITS = {
    Kind.NUMBER: 1,
    Kind.SECONDS: 1,
    Kind.USD: 2,
    Kind.PRICE: 4,
    Kind.FINE: 4,
    Kind.RATIO: 1,
}
# pixels, of a character at its widest and of what is beside the text
CHARACTER_WIDTH, LETTER_WIDTH, CELL_PADDING = 8, 7, 20
# of columns of words; longer ones end in a tooltip
WIDEST = 400
# the browser measures the first rows, and leaves out what is so many times as long as their mean
OUTLIER = 1.5
# they hold sentences
WIDE = ("explanation", "next_action", "rationale", "comment", "reason")


def draw_table(container: DeltaGenerator, table: Table, in_force: Params) -> None:
    """Draw a table; its jobs, pools and users are links, which keep the filters in force."""
    shown, config = _linked(table, in_force)
    container.dataframe(
        shown,
        key=table.key,
        alt=table.alt,
        hide_index=True,
        column_config=config,
        placeholder=table.placeholder,
        height=table.height or "auto",
    )


def draw_choice(
    container: DeltaGenerator,
    table: Table,
    keys: Sequence[str],
    default: int | None,
    in_force: Params,
) -> int | None:
    """Draw a table whose rows can be chosen; return the position of the chosen one."""
    # other rows are another table: the positions of the last one mean nothing in it
    key = _key(table, repr(list(keys)))
    event = _draw_choice(container, table, key, default, "rerun", in_force)
    return _chosen(event, len(table.rows))


def draw_shared_choice(
    container: DeltaGenerator,
    table: Table,
    keys: Sequence[str],
    default: int | None,
    on_change: Callable[[str], None],
    in_force: Params,
) -> None:
    """Draw a table whose rows can be chosen, as they can be elsewhere: that says which one is."""
    # chosen elsewhere, it is another table: one that is drawn again keeps its own choice
    rows = repr([default, *keys])

    def choose(position: int) -> None:
        on_change(keys[position])

    _draw_calling(container, table, rows, default, choose, in_force)


def _draw_choice(
    container: DeltaGenerator,
    table: Table,
    key: str,
    default: int | None,
    on_select: Literal["rerun"] | Callable[[], None],
    in_force: Params,
) -> Any:
    rows = [] if default is None else [default]
    shown, config = _linked(table, in_force)
    return container.dataframe(
        shown,
        key=key,
        alt=f"{table.alt}; rows can be chosen",
        hide_index=True,
        column_config=config,
        placeholder=table.placeholder,
        height=table.height or "auto",
        on_select=on_select,
        selection_mode="single-row",
        selection_default={"selection": {"rows": rows, "columns": [], "cells": []}},
    )


def draw_leading(
    container: DeltaGenerator, table: Table, on_choose: Callable[[int], None], in_force: Params
) -> None:
    """Draw a table whose rows lead elsewhere: `on_choose` gets the position of one."""
    # of other rows a choice means nothing, nor once it has led elsewhere
    _draw_calling(container, table, table.rows.to_csv(index=False), None, on_choose, in_force)


def _draw_calling(
    container: DeltaGenerator,
    table: Table,
    rows: str,
    default: int | None,
    on_choose: Callable[[int], None],
    in_force: Params,
) -> None:
    """Draw a table that calls back with the position that is chosen; `rows` tells it apart."""
    key = _key(table, rows)

    def choose() -> None:
        position = _chosen(st.session_state[key], len(table.rows))
        if position is not None:
            on_choose(position)

    _draw_choice(container, table, key, default, choose, in_force)


def _key(table: Table, rows: str) -> str:
    return f"{table.key}_{zlib.crc32(rows.encode())}"


def _chosen(event: Any, row_count: int) -> int | None:
    selected = event["selection"]["rows"]
    return int(selected[0]) if selected and selected[0] < row_count else None


def draw_plain(container: DeltaGenerator, table: PlainTable) -> None:
    """Draw rows under their own names."""
    rows = table.rows
    moments = rows.select_dtypes("datetimetz").columns
    container.dataframe(
        pd.DataFrame({name: _plain(rows[name]) for name in rows.columns}),
        key=table.key,
        alt=table.alt,
        hide_index=True,
        column_config={
            **{
                name: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss")
                for name in moments
            },
            **{
                name: st.column_config.Column(
                    width=width_needed(str(name), rows[name], _format_of(rows[name]))
                )
                for name in rows.select_dtypes("number").columns
            },
        },
        placeholder="",
    )


def draw_downloads(container: DeltaGenerator, download: Download) -> None:
    """Draw a button for each form that rows can be downloaded in; they are made on a click."""
    row = container.container(horizontal=True, gap="small")
    for form in FORMS:
        row.download_button(
            form.name,
            data=form.writes(download.rows),
            file_name=f"{download.file_name}.{form.ending}",
            mime=form.mime,
            key=f"{download.key}_{form.ending}",
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
            help=f"Download {download.file_name}.{form.ending}",
        )


def _linked(table: Table, in_force: Params) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the rows as they are shown and their columns; jobs, pools and users are links."""
    shown, config = _shown_rows(table), _config(table)
    for name, drawn in config.items():
        number_format = drawn["type_config"].get("format") or ""
        if number_format.startswith("%"):
            drawn["width"] = width_needed(drawn["label"], shown[name], number_format)
        elif drawn["type_config"]["type"] == "text" and drawn["width"] is None:
            drawn["width"] = width_of_text(drawn["label"], shown[name])
    rows = _first(table.rows)
    for column in table.columns:
        if row_links.is_linked(column.name, rows):
            shown[column.name] = row_links.addresses(column.name, rows, in_force)
            config[column.name] = st.column_config.LinkColumn(
                column.heading,
                help=column.description or None,
                display_text=row_links.SAYS,
                alignment="left",
            )
    return shown, config


def width_needed(heading: str, values: "pd.Series[Any]", number_format: str) -> int | None:
    """Return how many pixels wide a column of numbers is; None where its heading needs more.

    Without it the browser measures the first rows, and takes a long number for an outlier: digits
    would be cut off.

    >>> width_needed("Rows", pd.Series([1, 2, 125_023]), "%,d")
    76
    >>> width_needed("Longest gap (days)", pd.Series([1, 2, 125_023]), "%,d") is None
    True
    """
    form = "{:" + number_format.strip(" %").replace("d", ".0f") + "}"
    suffix = " %" if number_format.endswith("%") else ""
    # of numbers that are written with as many digits, the ends are the longest
    ends = [end for end in (values.min(), values.max()) if not pd.isna(end)]
    longest = max((len(form.format(end) + suffix) for end in ends), default=0)
    return longest * CHARACTER_WIDTH + CELL_PADDING if longest > len(heading) else None


def width_of_text(heading: str, values: "pd.Series[Any]") -> int | None:
    """Return how many pixels wide a column of words is; None where the browser finds it itself.

    >>> width_of_text("Kind", pd.Series(["jobs"] * 10 + ["service_environments"]))
    160
    >>> width_of_text("Kind", pd.Series(["jobs", "bill", None])) is None
    True
    """
    words = values.to_numpy(dtype=object)[values.notna().to_numpy()]
    lengths = [len(str(word)) for word in words]
    longest = max(lengths, default=0)
    if longest <= len(heading) or longest < OUTLIER * fmean(lengths):
        return None
    return min(longest * LETTER_WIDTH + CELL_PADDING, WIDEST)


def _shown_rows(table: Table) -> pd.DataFrame:
    # the columns are new ones, or are not changed: nothing need be copied
    return pd.DataFrame(
        {column.name: _shown(table.rows[column.name], column) for column in table.columns},
        copy=False,
    )


def _first(rows: Rows) -> Rows:
    return rows if len(rows) <= MOST_ROWS else rows.head(MOST_ROWS)


def _shown(table_values: "pd.Series[Any]", column: Column) -> "pd.Series[Any]":
    values = _first(table_values)
    match column.kind:
        case Kind.CODE:
            labels = {value: label(column.name, value) for value in values.dropna().unique()}
            return values.map(labels.get)
        case Kind.HOURS:
            unit = span_unit(table_values)
            return without_minus_zero(values / unit.seconds, unit.digits)
        case Kind.RATIO:
            return without_minus_zero(values * 100, DIGITS[Kind.RATIO])
        case kind if kind in DIGITS:
            return without_minus_zero(values, DIGITS[kind])
        case Kind.MOMENT:
            return _without_zone(values)
        case Kind.FLAG:
            return values.map({True: "yes", False: "no"})
    return values


def _plain(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a column as it can be shown; lists and structures as text."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return _without_zone(values)
    if values.dtype == object:
        return values.map(lambda value: None if value is None else str(value))
    return values


def _format_of(values: "pd.Series[Any]") -> str:
    """Return how Streamlit writes numbers that nobody chose a form for, at their longest."""
    return "%,d" if pd.api.types.is_integer_dtype(values.dtype) else "%,.4f"


def _without_zone(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return instants as UTC says them, without the zone: the browser would change them."""
    plain: pd.Series[Any] = values.dt.tz_localize(None)
    return plain


def _config(table: Table) -> dict[str, Any]:
    return {
        column.name: _column_config(column, table.rows[column.name]) for column in table.columns
    }


def _column_config(column: Column, values: "pd.Series[Any]") -> Any:
    kinds = st.column_config
    named: dict[str, Any] = {"label": column.heading, "help": column.description or None}
    if column.kind is Kind.HOURS:
        unit = span_unit(values)
        named["label"] = unit.heading(column.heading)
        return kinds.NumberColumn(format=f"%,.{unit.digits}f", **named)
    if column.kind is Kind.COUNT:
        return kinds.NumberColumn(format="%,d", **named)
    if column.kind is Kind.RATIO:
        return kinds.NumberColumn(format="%.1f %%", **named)
    if column.kind in DIGITS:
        return kinds.NumberColumn(format=f"%,.{DIGITS[column.kind]}f", **named)
    if column.kind is Kind.MOMENT:
        return kinds.DatetimeColumn(format="YYYY-MM-DD HH:mm", **named)
    if column.kind is Kind.DAY:
        return kinds.DateColumn(format="YYYY-MM-DD", **named)
    return kinds.TextColumn(width="large" if column.name in WIDE else None, **named)
