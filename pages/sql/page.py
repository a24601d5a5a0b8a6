"""SQL: one read-only statement of your own, on the tables that every page reads."""

import streamlit as st

from analytics.adhoc.statements import tables as documented_tables
from data.errors import StokerError
from data.sandbox.runner import Selected
from data.store.reader import Reader
from data.store.store import Store
from pages.kit import cache, filters, formats, messages, sharing, tables, text
from pages.kit.notes import note
from pages.sql import editor, result_cache

TITLE = "SQL"


def render(store: Store) -> None:
    sharing.title(store, TITLE)
    text.say(
        "Ask the records anything else, with one SELECT. It reads the tables that every page reads,"
        " and changes nothing."
    )
    filters.pass_by(TITLE)
    messages.has_jobs(store)
    left, right = st.columns([3, 2], gap="large")
    with right:
        _schema(store)
    with left, messages.shown_errors():
        text.header("Statement")
        memory = editor.chosen(store)
    if memory.ran is not None:
        _rows(store, memory.ran, memory.run_number)


def _schema(store: Store) -> None:
    text.header("Tables")
    found = documented_tables(Reader(store)).set_index("table_name")
    names = list(found.index)
    name = st.selectbox(
        "Table", names, key="table", bind="query-params", label_visibility="collapsed",
        index=names.index("job_facts"),
    )  # fmt: skip
    text.say(f"{found['comment'][name]}.")
    columns = cache.answer(store, "columns")
    tables.schema(columns[columns["table_name"] == name], name)


def _rows(store: Store, sql: str, run_number: int) -> None:
    text.header("Rows")
    try:
        with st.spinner("Running", show_time=True):
            found = result_cache.rows(store, sql, run_number)
    except StokerError as error:
        messages.show_error(error)
        return
    _said(found)
    if len(found.frame):
        tables.plain(found.frame, key="rows", alt="Rows of the statement")
        tables.downloads(lambda: found.frame, "rows", key="rows_download")


def _said(found: Selected) -> None:
    count = formats.count(len(found.frame), "row")
    seconds = f"{found.seconds:.2f} s"
    if found.is_capped:
        text.inform(
            f"Capped at {count}: there are more. `stoker sql` with `--limit 0` gives all.",
            icon=":material/vertical_align_bottom:",
        )
    note(f"{count} in {seconds}. Times are UTC; empty is unknown.")
