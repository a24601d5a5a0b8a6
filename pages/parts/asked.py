"""Answers to questions, remembered for as long as the store does not change."""

from dataclasses import replace
from typing import cast

import pandas as pd
import streamlit as st

from analytics.asking import Filters, ask
from analytics.keep_alive.curve import Curve, whole_curve
from analytics.pools.refresh import refresh
from analytics.questions import QUESTIONS
from data.store import Store

MOST_ANSWERS = 400
ALL_POOLS = "all"


def answer(store: Store, name: str, filters: Filters | None = None, **given: str) -> pd.DataFrame:
    """Return the answer to a question, from memory where the store is as it was then.

    The key is which data (home and version) and which question: never the data itself.
    """
    wanted = filters or Filters()
    key = (name, repr(wanted), repr(sorted(given.items())))
    found = _answer(_place(store), key, _store=store, _filters=wanted, _given=given)
    return cast(pd.DataFrame, found)


def curve(store: Store, filters: Filters, pool_key: str) -> Curve:
    """Return the keep-alive curve of one pool, or the sum over `all`, from memory if it is there."""
    wanted = filters if pool_key == ALL_POOLS else of_pool(filters, pool_key)
    return cast(Curve, _curve(_place(store), repr(wanted), _store=store, _filters=wanted))


def of_pool(filters: Filters, pool_key: str) -> Filters:
    """Return the filters narrowed to one pool, whatever pools they named before."""
    others = tuple(term for term in filters.where if term[0] != "pool_key")
    return replace(filters, where=(*others, ("pool_key", pool_key)))


def _place(store: Store) -> tuple[str, int]:
    # bringing the tables up to date changes the version: it comes first
    refresh(store)
    return str(store.home.root), store.version


@st.cache_data(show_spinner=False, max_entries=MOST_ANSWERS)
def _answer(
    place: tuple[str, int],
    key: tuple[str, str, str],
    *,
    _store: Store,
    _filters: Filters,
    _given: dict[str, str],
) -> pd.DataFrame:
    return ask(_store, QUESTIONS[key[0]], _filters, **_given)


@st.cache_data(show_spinner=False, max_entries=50)
def _curve(place: tuple[str, int], filters: str, *, _store: Store, _filters: Filters) -> Curve:
    return whole_curve(_store, _filters)
