"""Rows of a reader's statement, remembered for as long as the store does not change."""

from typing import cast

import streamlit as st

from analytics.adhoc.statements import run
from data.sandbox.runner import Selected
from data.store.reader import Reader
from data.store.store import Store
from pages.kit import cache

MOST_ROWS = 10_000


def rows(store: Store, sql: str, run_number: int) -> Selected:
    """Return the first rows of a statement, from memory where it is the same run of it.

    Raises:
        StokerError: it does not run.
    """
    cache.bring_up_to_date(store)
    place = (str(store.home.root), store.version)
    return cast(Selected, _rows(place, sql, run_number, _store=store))


@st.cache_data(show_spinner=False, max_entries=20)
def _rows(place: tuple[str, int], sql: str, run_number: int, *, _store: Store) -> Selected:
    return run(Reader(_store), sql, most_rows=MOST_ROWS)
