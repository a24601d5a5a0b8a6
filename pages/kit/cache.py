"""Answers to questions, remembered for as long as the store does not change."""

from typing import cast

import numpy as np
import pandas as pd
import streamlit as st

from analytics.catalog import query_named
from analytics.keep_alive.advice import recommend
from analytics.keep_alive.decide import Objective
from analytics.keep_alive.groups import GroupCurves
from analytics.keep_alive.groups import group_curves as group_curves_of
from analytics.keep_alive.history import History, load_history
from analytics.query import Filters, run_query
from data.store.reader import Reader
from data.store.settings import load_settings
from data.store.store import Store
from pages.keep_alive import rows

MOST_ANSWERS = 400
MOST_POOLS = 500
FEW_JOBS = 200_000
EXACT_JOBS = 20_000
# of Overview, Warm pools and Startup latency as they open
FIRST_ASKED: tuple[tuple[str, dict[str, str]], ...] = (
    ("coverage", {}),
    ("filter_values", {}),
    ("warm_pool_hit_rate", {"by": "all"}),
    ("costs", {"by": "all"}),
    ("startup_latency", {}),
    ("warm_pool_misses", {}),
    ("costs", {"by": "day"}),
    ("findings", {}),
    ("pools", {}),
    ("warm_pool_hit_rate", {"by": "day"}),
    ("eligibility", {}),
    ("startup_phases", {}),
    ("startup_matched", {}),
)
ALL_POOLS = "all"


def answer(store: Store, name: str, filters: Filters | None = None, **given: str) -> pd.DataFrame:
    """Return the answer to a question, from memory where the store is as it was then.

    The key is which data (home and version) and which question: never the data itself.
    """
    wanted = filters or Filters()
    key = (name, repr(wanted), repr(sorted(given.items())))
    found = _answer(_place(store), key, _store=store, _filters=wanted, _given=given)
    return cast(pd.DataFrame, found)


def warm_up(store: Store) -> None:
    """Ask what the pages ask as they open, so that nobody waits for it."""
    for name, given in FIRST_ASKED:
        answer(store, name, **given)
    pools = with_eligible_jobs(answer(store, "pools"))
    if not pools.empty:
        of_first = Filters().for_pool(first_pool(pools))
        found = evidence(store, of_first)
        if found is not None:
            settings = load_settings(store.home)
            replays(store, of_first, found, settings.keep_alive_limit_s)
            wishes = Objective(settings.value_of_waiting_usd_per_h, settings.keep_alive_limit_s)
            quota_needed(store, of_first, found, advice(store, found, wishes), wishes.limit_s)
        group_curves(store, of_first, "user_name")
        answer(store, "saved_sources", of_first)


def with_eligible_jobs(pools: pd.DataFrame, also: str | None = None) -> pd.DataFrame:
    """Return the pools that have jobs which could use them: so many to choose from, and `also`."""
    usable = pools[pools["eligible_count"] > 0]
    is_near = np.arange(len(usable)) < MOST_POOLS
    return usable[is_near | (usable["pool_key"] == also)]


def first_pool(pools: pd.DataFrame) -> str:
    """Return the pool to look at first: the one whose clusters idled for most money."""
    return str(pools.sort_values("retained_cost_usd", ascending=False)["pool_key"].iloc[0])


def replays(store: Store, filters: Filters, found: History, limit_s: int) -> pd.DataFrame:
    """Return the curve of all the evidence at some periods, under both orders of reuse.

    Each period of oldest-first reuse is a replay of its own: the more jobs, the fewer periods.
    """
    at = rows.replayed_periods(found.curves.one(0), limit_s)
    return answer(store, "keep_alive_curve", filters, pool_key=ALL_POOLS, at=at, reuse="both")


def evidence(store: Store, filters: Filters) -> History | None:
    """Return what advice on the filtered jobs as one rests on; None without eligible jobs."""
    return cast(
        History | None, _evidence(_place(store), repr(filters), _store=store, _filters=filters)
    )


def advice(store: Store, found: History, wishes: Objective) -> pd.Series:
    """Return the advice on all the evidence as one."""
    return recommend(Reader(store), found, wishes).iloc[0]


def group_curves(store: Store, filters: Filters, by: str) -> GroupCurves:
    """Return the keep-alive curve of each user, weekday and so on."""
    key = (repr(filters), by)
    found = _group_curves(_place(store), key, _store=store, _filters=filters)
    return cast(GroupCurves, found)


def bring_up_to_date(store: Store) -> None:
    """Bring the derived tables up to date before the first answer; say so if it takes a while."""


def _place(store: Store) -> tuple[str, int]:
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
    return run_query(Reader(_store), query_named(key[0]), _filters, **_given)


# no copies of these: nobody changes them
@st.cache_resource(show_spinner=False, max_entries=50)
def _evidence(
    place: tuple[str, int], filters: str, *, _store: Store, _filters: Filters
) -> History | None:
    return next(load_history(Reader(_store), _filters, together=True), None)


@st.cache_resource(show_spinner=False, max_entries=50)
def _group_curves(
    place: tuple[str, int], key: tuple[str, str], *, _store: Store, _filters: Filters
) -> GroupCurves:
    return group_curves_of(Reader(_store), _filters, key[1])


def quota_needed(
    store: Store, filters: Filters, found: History, advised: pd.Series, limit_s: int
) -> str | None:
    """Return how many instances would idle at once under the advised period; None without one.

    Exact for so many jobs; for more, that of the next longer period that was replayed, which is
    never less.
    """
    period_s = advised.advised_keep_alive_s
    if pd.isna(period_s):
        return None
    if found.rows["job_count"].sum() <= EXACT_JOBS:
        peaks = answer(
            store, "keep_alive_curve", filters, pool_key=ALL_POOLS, at=str(int(period_s))
        )
    else:
        peaks = replays(store, filters, found, limit_s)
        peaks = peaks[(peaks["reuse"] == "newest") & (peaks["keep_alive_period_s"] >= period_s)]
    known = peaks["peak_idle_instances"].dropna()
    return None if known.empty else f"{int(known.iloc[0]):,}"
