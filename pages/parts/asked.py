"""Answers to questions, remembered for as long as the store does not change."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pandas as pd
import streamlit as st

from analytics.asking import Filters, ask
from analytics.keep_alive.adding_up import whole_curve
from analytics.keep_alive.curve import Curve, curve_frame, thinned
from analytics.pools.refresh import refresh
from analytics.questions import QUESTIONS
from data.store import Store

MOST_ANSWERS = 400
ALL_POOLS = "all"
GRID_POINTS = 241
MOST_REPLAYS, LEAST_REPLAYS = 61, 13
REPLAYED_JOBS = 10_000_000


def answer(store: Store, name: str, filters: Filters | None = None, **given: str) -> pd.DataFrame:
    """Return the answer to a question, from memory where the store is as it was then.

    The key is which data (home and version) and which question: never the data itself.
    """
    wanted = filters or Filters()
    key = (name, repr(wanted), repr(sorted(given.items())))
    found = _answer(_place(store), key, _store=store, _filters=wanted, _given=given)
    return cast(pd.DataFrame, found)


def curve(store: Store, filters: Filters) -> Curve:
    """Return the keep-alive curve of the filtered jobs together, from memory if it is there."""
    return cast(Curve, _curve(_place(store), repr(filters), _store=store, _filters=filters))


def of_pool(filters: Filters, pool_key: str) -> Filters:
    """Return the filters narrowed to one pool, whatever pools they named before."""
    others = tuple(term for term in filters.where if term[0] != "pool_key")
    return replace(filters, where=(*others, ("pool_key", pool_key)))


def bring_up_to_date(store: Store) -> None:
    """Bring the derived tables up to date before the first answer; say so if it takes a while."""
    with st.spinner("Bringing the figures up to date", show_time=True):
        refresh(store)


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


def curve_rows(curve: Curve, longest_s: int, *also_s: int | None) -> pd.DataFrame:
    """Return a curve as rows up to `longest_s`: an even grid, where it jumps, and these periods."""
    grid = np.linspace(0, longest_s, GRID_POINTS).round()
    jumps = thinned(curve.breakpoints(longest_s), GRID_POINTS)
    # just before a jump as well, so that the line falls steeply and does not slope
    points = np.concatenate([grid, jumps, jumps - 1, [at for at in also_s if at is not None]])
    return curve_frame(curve, np.unique(points[points >= 0]).astype(np.int64))


def replayed_periods(curve: Curve, longest_s: int) -> str:
    """Return the periods to replay, as a comma list: as many as are quick."""
    affordable = REPLAYED_JOBS // max(curve.job_count, 1)
    count = min(max(affordable, LEAST_REPLAYS), MOST_REPLAYS)
    grid = np.linspace(0, longest_s, count).round()
    jumps = thinned(curve.breakpoints(longest_s), count)
    periods_s = thinned(np.unique(np.concatenate([grid, jumps])).astype(np.int64), count)
    return ",".join(str(period_s) for period_s in periods_s)


def best_rows(curve: Curve, worths_usd_per_h: Sequence[float], limit_s: int) -> pd.DataFrame:
    """Return the best period for each worth of an hour of waiting, and what it would bring."""
    rows = []
    for worth in worths_usd_per_h:
        best_s = curve.best(value_of_waiting_usd_per_h=worth, limit_s=limit_s)
        point = None if best_s is None else curve.at(best_s)
        rows.append(
            {
                "value_usd_per_h": worth,
                "best_s": best_s,
                "hit_rate_ratio": point and point.hit_rate_ratio,
                "wait_saved_s": point and point.wait_saved_s,
                "retained_cost_usd": point and point.retained_cost_usd,
                "net_cost_usd": point and point.net_cost_usd,
            }
        )
    return pd.DataFrame(rows).astype("float64")
