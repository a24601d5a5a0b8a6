"""Runs a page without a browser: in a session of Streamlit's tests, or without any session."""

import time
from functools import cache
from typing import Any
from urllib.parse import unquote

import pandas as pd
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from data.store.reader import Reader
from data.store.store import Store
from pages.kit.blocks import View
from pages.kit.catalog import page_named, pages
from pages.kit.frame import view_of
from pages.kit.visit import Params
from pages.kit.work import tasks

PAGES = tuple(entry.name for entry in pages())
VIEW = "view_of_the_test"
# the first run of a process imports, compiles and brings the derived tables up to date
PATIENCE_S = 120

# an AppTest asks every installed package for components, which takes longer than most pages: once
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


def page_of(name: str, store: Store, **params: str | list[str]) -> AppTest:
    """Return a page against a store, with URL parameters, not yet run."""

    def script(name, store):  # type: ignore[no-untyped-def]
        # runs without this module's names
        import streamlit as st  # noqa: PLC0415

        from data.store.reader import Reader  # noqa: PLC0415
        from pages.kit.catalog import page_named  # noqa: PLC0415
        from pages.kit.streamlit_canvas import shown_view  # noqa: PLC0415

        st.session_state["view_of_the_test"] = shown_view(page_named(name), Reader(store))

    page = AppTest.from_function(script, args=(name, store), default_timeout=PATIENCE_S)
    for key, value in params.items():
        page.query_params[key] = value
    return page


def first_run(name: str, store: Store, **params: str | list[str]) -> AppTest:
    """Run a page once, whatever is computed beside it; an exception fails the test."""
    page = page_of(name, store, **params).run()
    assert not page.exception, page.exception[0].stack_trace
    return page


def run_page(name: str, store: Store, **params: str | list[str]) -> AppTest:
    """Run a page until nothing is computed beside it any more; an exception fails the test."""
    known = tasks()  # those of other pages; held, since another may get the id of one that is gone
    page = first_run(name, store, **params)
    until = time.monotonic() + PATIENCE_S
    while (own := [task for task in tasks() if task not in known]) and time.monotonic() < until:
        if all(task.has_ended for task in own):
            known += own
            page.run()
        else:
            time.sleep(0.1)
    assert not page.exception, page.exception[0].stack_trace
    return page


def shown_view(page: AppTest) -> View:
    """Return what a page that has run recorded of what it shows."""
    view: View = page.session_state[VIEW]
    return view


def collected_view(name: str, store: Store, **params: str | list[str]) -> View:
    """Return what a page collects for the same parameters without a session."""
    given: Params = {
        key: [value] if isinstance(value, str) else value for key, value in params.items()
    }
    return view_of(page_named(name), Reader(store), given)


@cache
def seen_page(name: str, store: Store) -> AppTest:
    """Return a page as it is first seen, of a store that nobody writes; it is run once."""
    return run_page(name, store)


@cache
def seen_view(name: str, store: Store) -> View:
    """Return what a page collects without choices, of a store that nobody writes; once."""
    return collected_view(name, store)


def texts(page: AppTest) -> str:
    """Return all that a page says outside of charts and tables."""
    parts: list[Any] = []
    for kind in ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error",
                 "success", "code"):  # fmt: skip
        parts += [element.value for element in page.get(kind)]
    parts += [f"{metric.label}: {metric.value}" for metric in page.metric]
    return "\n".join(str(part) for part in parts)


def linked_names(cells: "pd.Series[Any]") -> list[str]:
    """Return what cells say that are links: it stands behind the address."""
    return [unquote(str(cell).partition("#")[2]) for cell in cells]
