"""SQL: one read-only statement of your own, on the tables that every page reads."""

import streamlit as st

from analytics.statements import tables as documented_tables
from data.errors import StokerError
from data.selecting import Selected
from data.store import Store
from pages.parts import (
    asked,
    filters,
    formats,
    notices,
    selected,
    sharing,
    statement_form,
    tables,
    texts,
)
from pages.parts.notes import note

TITLE = "SQL"


def render(store: Store) -> None:
    sharing.title(store, TITLE)
    texts.say(
        "Ask the records anything else, with one SELECT. It reads the tables that every page reads,"
        " and changes nothing."
    )
    filters.pass_by(TITLE)
    notices.has_jobs(store)
    editor, schema = st.columns([3, 2], gap="large")
    with schema:
        _schema(store)
    with editor, notices.shown_errors():
        texts.header("Statement")
        memory = statement_form.chosen(store)
    if memory.ran is not None:
        _rows(store, memory.ran, memory.run_number)


def _schema(store: Store) -> None:
    texts.header("Tables")
    found = documented_tables(store).set_index("table_name")
    names = list(found.index)
    name = st.selectbox(
        "Table", names, key="table", bind="query-params", label_visibility="collapsed",
        index=names.index("job_facts"),
    )  # fmt: skip
    texts.say(f"{found['comment'][name]}.")
    columns = asked.answer(store, "columns")
    tables.schema(columns[columns["table_name"] == name], name)


def _rows(store: Store, sql: str, run_number: int) -> None:
    texts.header("Rows")
    try:
        with st.spinner("Running", show_time=True):
            found = selected.rows(store, sql, run_number)
    except StokerError as error:
        notices.show_error(error)
        return
    _said(found)
    if len(found.frame):
        tables.plain(found.frame, key="rows", alt="Rows of the statement")
        tables.downloads(lambda: found.frame, "rows", key="rows_download")


def _said(found: Selected) -> None:
    count = formats.count(len(found.frame), "row")
    seconds = f"{found.seconds:.2f} s"
    if found.is_capped:
        texts.inform(
            f"Capped at {count}: there are more. `stoker sql` with `--limit 0` gives all.",
            icon=":material/vertical_align_bottom:",
        )
    note(f"{count} in {seconds}. Times are UTC; empty is unknown.")
