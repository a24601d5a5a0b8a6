"""Answers to questions, remembered for as long as the store does not change."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pandas as pd
import streamlit as st

from analytics.asking import Filters, ask
from analytics.keep_alive.advice import SETTLED, advised_on
from analytics.keep_alive.curve import Curve, curve_frame, thinned
from analytics.keep_alive.evidence import Evidence, gathered
from analytics.keep_alive.groups import GroupCurves
from analytics.keep_alive.groups import group_curves as group_curves_of
from analytics.keep_alive.judging import Wishes
from analytics.pools.refresh import refresh
from analytics.questions import QUESTIONS
from data.settings import load_settings
from data.store import Store
from pages.parts import formats

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
GRID_POINTS = 241
MOST_REPLAYS, LEAST_REPLAYS = 61, 9
REPLAYED_JOBS = 10_000_000


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
        of_first = of_pool(Filters(), first_pool(pools))
        found = evidence(store, of_first)
        if found is not None:
            settings = load_settings(store.home)
            replays(store, of_first, found, settings.keep_alive_limit_s)
            wishes = Wishes(settings.value_of_waiting_usd_per_h, settings.keep_alive_limit_s)
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


def replays(store: Store, filters: Filters, found: Evidence, limit_s: int) -> pd.DataFrame:
    """Return the curve of all the evidence at some periods, under both orders of reuse.

    Each period of oldest-first reuse is a replay of its own: the more jobs, the fewer periods.
    """
    at = replayed_periods(found.curves.one(0), limit_s)
    return answer(store, "keep_alive_curve", filters, pool_key=ALL_POOLS, at=at, reuse="both")


def evidence(store: Store, filters: Filters) -> Evidence | None:
    """Return what advice on the filtered jobs as one rests on; None without eligible jobs."""
    return cast(
        Evidence | None, _evidence(_place(store), repr(filters), _store=store, _filters=filters)
    )


def advice(store: Store, found: Evidence, wishes: Wishes) -> pd.Series:
    """Return the advice on all the evidence as one."""
    return advised_on(store, found, wishes).iloc[0]


def group_curves(store: Store, filters: Filters, by: str) -> GroupCurves:
    """Return the keep-alive curve of each user, weekday and so on."""
    key = (repr(filters), by)
    found = _group_curves(_place(store), key, _store=store, _filters=filters)
    return cast(GroupCurves, found)


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


# no copies of these: nobody changes them
@st.cache_resource(show_spinner=False, max_entries=50)
def _evidence(
    place: tuple[str, int], filters: str, *, _store: Store, _filters: Filters
) -> Evidence | None:
    return next(gathered(_store, _filters, together=True), None)


@st.cache_resource(show_spinner=False, max_entries=50)
def _group_curves(
    place: tuple[str, int], key: tuple[str, str], *, _store: Store, _filters: Filters
) -> GroupCurves:
    return group_curves_of(_store, _filters, key[1])


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


def group_rows(found: GroupCurves, marks: Mapping[str, int]) -> pd.DataFrame:
    """Return one row a group: its jobs and, for each marked period, hit rate, waiting and cost."""
    periods_s = np.array(list(marks.values()), dtype=np.int64)
    rows = found.rows_at(periods_s)
    # a row per group and period, the periods of a group one after the other
    first, *_ = sides = [rows.iloc[number :: len(marks)] for number in range(len(marks))]
    wide = first[["group_value", "job_count"]].reset_index(drop=True)
    for name in ("hit_rate_ratio", "wait_saved_s", "retained_cost_usd"):
        for mark, side in zip(marks, sides, strict=True):
            wide[f"{name}_{mark}"] = side[name].to_numpy()
    return wide


def marked_rows(curve: Curve, marks: Mapping[str, int]) -> pd.DataFrame:
    """Return the curve at the marked periods, with their marks."""
    rows = curve_frame(curve, np.array(list(marks.values()), dtype=np.int64))
    return rows.assign(mark=list(marks))


def quota_needed(
    store: Store, filters: Filters, found: Evidence, advised: pd.Series, limit_s: int
) -> str | None:
    """Return how many instances would idle at once under the advised period; None without one.

    Exact for so many jobs; for more, that of the next longer period that was replayed, which is
    never less.
    """
    period_s = advised.advised_s
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


def within_quota(peaks: pd.DataFrame, quota: int) -> str:
    """Say up to which of the replayed periods a warm-pool quota is enough."""
    fits = peaks[peaks["peak_idle_instances"].fillna(0) <= quota]["keep_alive_period_s"]
    longest_s = int(fits.max())
    if longest_s == int(peaks["keep_alive_period_s"].max()):
        return f"A quota of {quota:,} would have been enough for every period here."
    return (
        f"A quota of {quota:,} would have been enough up to {longest_s:,} s. Beyond it AWS keeps"
        " fewer clusters than the curve assumes."
    )


def fleet_sentence(advice: pd.DataFrame) -> str:
    """Say what the changes of all pools would gain together."""
    changes = advice[~advice["verdict"].isin(SETTLED)]
    if changes.empty:
        return f"No change for any of {formats.count(len(advice), 'pool')}."
    return (
        f"**{formats.count(len(changes), 'pool')}** of {len(advice):,} should change:"
        f" together {formats.usd(changes['net_gain_usd_per_month'].sum())} and"
        f" {formats.hours(changes['wait_saved_h_per_month'].sum() * 3600)} of waiting saved a"
        " month."
    )


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
