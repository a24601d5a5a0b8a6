"""Tables on screen: human headings with units, unknown said, everything to download."""

import io
import zlib
from collections.abc import Callable, Sequence
from typing import Any, cast

import orjson
import pandas as pd
import streamlit as st

from data.serialize.csv_injection import harmless
from pages.kit import messages, recording
from pages.kit.blocks import Data, Table
from pages.kit.columns import COLUMNS, Column
from pages.kit.formats import UNKNOWN
from pages.kit.labels import word

MOST_ROWS = 1000
SECONDS_PER_HOUR = 3600
NUMBER_FORMATS = {
    "count": "%,d",
    "number": "%,.1f",
    "seconds": "%,.1f",
    "hours": "%,.1f",
    "usd": "%,.2f",
    "price": "%,.4f",
    "ratio": "%.1f %%",
}


def show(
    rows: pd.DataFrame,
    names: Sequence[str],
    *,
    key: str,
    alt: str,
    what: str = "rows",
    file_name: str | None = None,
    all_rows: Callable[[], pd.DataFrame] | None = None,
    placeholder: str = UNKNOWN,
) -> None:
    """Draw a table of the named columns.

    Args:
        key: tells this table from others on the page.
        alt: what the table shows, for those who do not see it.
        what: the rows' plural, as in "pools".
        file_name: offers the rows for download under this name.
        all_rows: makes the rows of the download, where the table has only some of them.
        placeholder: what an empty cell says.
    """
    config = _config(rows, names)
    recording.add(Table(rows, names, alt, what, placeholder))
    st.dataframe(
        _display(rows, names),
        key=key,
        alt=alt,
        hide_index=True,
        column_config=config,
        placeholder=placeholder,
    )
    messages.left_out(min(len(rows), MOST_ROWS), len(rows), what)
    if file_name:
        downloads(all_rows or (lambda: rows), file_name, key=key)


def plain(rows: pd.DataFrame, *, key: str, alt: str) -> None:
    """Draw rows under their own names: those of a statement that is not ours."""
    recording.add(Table(rows, list(rows.columns), alt, "rows", ""))
    moments = rows.select_dtypes("datetimetz").columns
    st.dataframe(
        pd.DataFrame({name: _own(rows[name]) for name in rows.columns}),
        key=key,
        alt=alt,
        hide_index=True,
        column_config={
            name: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss") for name in moments
        },
        placeholder="",
    )


def schema(columns: pd.DataFrame, table: str) -> None:
    """Draw the columns of a table with what they hold."""
    names, alt = ["column_name", "comment", "data_type"], f"Columns of {table}"
    recording.add(Table(columns, names, alt, "columns", ""))
    st.dataframe(
        columns[names],
        key="schema",
        alt=alt,
        hide_index=True,
        height=370,
        column_config=_config(columns, names)
        | {"comment": st.column_config.TextColumn("What it holds", width="large")},
    )
    downloads(lambda: columns, f"columns_of_{table}", key="schema_download")


def choice(
    rows: pd.DataFrame,
    names: Sequence[str],
    *,
    key: str,
    keys: list[str],
    alt: str,
    what: str = "rows",
) -> int | None:
    """Draw a table whose rows can be chosen; return the position of the chosen one.

    The choice is the URL parameter `key`, which holds one of `keys`: a name for each row.
    """
    wanted = st.query_params.get(key)
    default = [keys.index(wanted)] if wanted in keys else []
    recording.add(Table(rows, names, alt, what, UNKNOWN))
    event = st.dataframe(
        _display(rows, names),
        # other rows are another table: the positions of the last one mean nothing in it
        key=f"{key}_{zlib.crc32(repr(keys).encode())}",
        alt=f"{alt}; rows can be chosen",
        hide_index=True,
        column_config=_config(rows, names),
        placeholder=UNKNOWN,
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": default, "columns": [], "cells": []}},
    )
    messages.left_out(min(len(rows), MOST_ROWS), len(rows), what)
    chosen = cast(Any, event)["selection"]["rows"]
    position = int(chosen[0]) if chosen and chosen[0] < len(rows) else None
    if position is not None:
        st.query_params[key] = keys[position]
    elif wanted is not None:
        del st.query_params[key]
    return position


def downloads(rows: Callable[[], pd.DataFrame], file_name: str, *, key: str) -> None:
    """Offer rows as CSV and as Parquet, made when asked for."""
    recording.add(Data(file_name, rows))
    with st.container(horizontal=True, gap="small"):
        for ending, mime, write in (
            ("csv", "text/csv", csv_bytes),
            ("parquet", "application/vnd.apache.parquet", parquet_bytes),
        ):
            name = {"csv": "CSV", "parquet": "Parquet"}[ending]
            st.download_button(
                f"{name}",
                data=lambda write=write: write(rows()),
                file_name=f"{file_name}.{ending}",
                mime=mime,
                key=f"{key}_{ending}",
                on_click="ignore",
                icon=":material/download:",
                type="tertiary",
                help=f"Download {file_name}.{ending}",
            )


def csv_bytes(rows: pd.DataFrame) -> bytes:
    """Return rows as CSV: times in ISO 8601, and nothing that a spreadsheet would run."""
    written = rows.copy()
    for name in written.select_dtypes(["object", "str"]):
        written[name] = written[name].map(
            lambda value: harmless(value) if isinstance(value, str) else _as_json(value)
        )
    for name in written.select_dtypes("datetimetz"):
        written[name] = written[name].dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    written.columns = [harmless(str(name)) for name in written.columns]
    return written.to_csv(index=False).encode()


def _as_json(value: Any) -> Any:
    """Return a list or structure as JSON, and everything else as it is."""
    if isinstance(value, list | dict):
        return orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z).decode()
    return value


def parquet_bytes(rows: pd.DataFrame) -> bytes:
    """Return rows as Parquet."""
    target = io.BytesIO()
    rows.to_parquet(target, index=False)
    return target.getvalue()


def _display(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    shown = rows.head(MOST_ROWS)
    return pd.DataFrame({name: _column(shown[name], COLUMNS[name], name) for name in names})


def _column(values: pd.Series, column: Column, name: str) -> pd.Series:
    match column.kind:
        case "word":
            return values.map(lambda value: None if pd.isna(value) else word(name, value))
        case "hours":
            return values / SECONDS_PER_HOUR
        case "ratio":
            return values * 100
        case "moment":
            return values.dt.tz_localize(None)
        case "flag":
            return values.map({True: "yes", False: "no"})
    return values


def _own(values: pd.Series) -> pd.Series:
    """Return a column as it can be shown; lists and structures as text."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.dt.tz_localize(None)
    if values.dtype == object:
        return values.map(lambda value: None if value is None else str(_as_json(value)))
    return values


def _config(rows: pd.DataFrame, names: Sequence[str]) -> dict[str, Any]:
    return {name: _one_config(COLUMNS[name]) for name in names if name in rows}


def _one_config(column: Column) -> Any:
    kinds = st.column_config
    if column.kind in NUMBER_FORMATS:
        return kinds.NumberColumn(
            column.heading, help=column.help, format=NUMBER_FORMATS[column.kind]
        )
    if column.kind == "moment":
        return kinds.DatetimeColumn(column.heading, help=column.help, format="YYYY-MM-DD HH:mm")
    if column.kind == "date":
        return kinds.DateColumn(column.heading, help=column.help, format="YYYY-MM-DD")
    return kinds.TextColumn(column.heading, help=column.help)
