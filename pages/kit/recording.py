"""Keeps, for each session, what the page on screen shows: what is shared is made from it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec

import streamlit as st

from pages.kit.blocks import Item, Part, View

_FILLED = "stoker_recorded_part"
Given = ParamSpec("Given")


def begin(title: str, *, is_demo: bool) -> View:
    """Start the record of a page anew; the one before is forgotten."""
    view = View(title, datetime.now(UTC), is_demo)
    st.session_state[_FILLED] = view.body
    return view


def forget() -> None:
    """End the record: what is drawn until the next one begins is not shared."""
    st.session_state.pop(_FILLED, None)


def add(item: Item) -> None:
    """Record one thing that is drawn."""
    filled: Part | None = st.session_state.get(_FILLED)
    if filled is not None:
        filled.items.append(item)


def fragment(function: Callable[Given, None]) -> Callable[Given, None]:
    """Make an `st.fragment` whose reruns replace what it recorded, in place."""

    @st.fragment
    @wraps(function)
    def drawn(part: Part, *given: Given.args, **named: Given.kwargs) -> None:
        with _filling(part):
            function(*given, **named)

    @wraps(function)
    def placed(*given: Given.args, **named: Given.kwargs) -> None:
        # a rerun of the fragment begins at `drawn`, with the part that the full run gave it
        part = Part()
        add(part)
        drawn(part, *given, **named)

    return placed


@contextmanager
def _filling(part: Part) -> Iterator[None]:
    around: Part | None = st.session_state.get(_FILLED)
    fresh = Part()
    st.session_state[_FILLED] = fresh
    try:
        yield
    finally:
        part.items = fresh.items
        st.session_state[_FILLED] = around
