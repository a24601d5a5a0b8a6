"""Keep-alive advice: for each pool, or for all together, which period to set instead, and why.

Definition: docs/metrics/keep_alive_advice.md.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics.keep_alive import target
from analytics.keep_alive.backtest import regret_ratio
from analytics.keep_alive.batches import in_parts
from analytics.keep_alive.curve import NO_PERIOD, Floats, Int64s
from analytics.keep_alive.decide import ROUGH_DAYS, SETTLED, Objective, PoolImpact, Verdict, decide
from analytics.keep_alive.history import History, load_history, periods
from analytics.keep_alive.judge import judge
from analytics.keep_alive.replay import as_one_pool, idle_peaks, load_jobs
from analytics.keep_alive.rounding import in_minutes
from analytics.keep_alive.snippets import setting
from analytics.quantities import SECONDS_PER_HOUR
from analytics.query import Filters
from analytics.stats.ski_rental import break_even_s, worst_case_ratio
from data.store.reader import Reader

_MONEY = (
    "extra_idle_usd",
    "extra_billed_saved_usd",
    "cash_gain_usd",
    "gain_usd",
    "gain_low_usd",
    "gain_high_usd",
    "current_retained_usd",
)
_FIRST_DAY = date(1970, 1, 1).toordinal()
_GAINS = ("cash_gain_usd", "gain_usd", "gain_low_usd", "gain_high_usd", "extra_wait_saved_h")
_NAMES = {
    "cash_gain_usd": "cash_gain_usd_per_month",
    "gain_usd": "net_gain_usd_per_month",
    "gain_low_usd": "net_gain_low_usd_per_month",
    "gain_high_usd": "net_gain_high_usd_per_month",
    "extra_wait_saved_h": "wait_saved_h_per_month",
    "current_retained_usd": "current_retained_usd_per_month",
    "p90_s": "startup_latency_p90_advised_s",
    "p90_today_s": "startup_latency_p90_current_s",
}


_shared: ContextVar[dict[Hashable, pd.DataFrame] | None] = ContextVar("shared", default=None)


@contextmanager
def share_advice() -> Iterator[None]:
    """Judge the same pools for the same objective once in the block, whoever asks."""
    before = _shared.set({})
    try:
        yield
    finally:
        _shared.reset(before)


def advise(
    reader: Reader, filters: Filters, objective: Objective, *, together: bool
) -> pd.DataFrame:
    """Return a row for each pool with eligible jobs, or one for all; most to gain comes first."""
    known = _shared.get()
    with reader.snapshot() as version:
        key = (str(reader.home.root), version.number, filters, objective, together)
        if known is not None and key in known:
            return known[key].copy(deep=False)
        histories = load_history(reader, filters, together=together)
        found = advise_histories(reader, histories, objective)
    if known is not None:
        known[key] = found
    return found


def advise_histories(
    reader: Reader, histories: Iterable[History], objective: Objective
) -> pd.DataFrame:
    """Return the advice on the rows of several histories, with idle peaks, most to gain first."""
    parts = []
    for history in histories:
        part = recommend(reader, history, objective)
        part["peak_idle_instances"] = _peaks(reader, history, part["advised_keep_alive_s"])
        parts.append(part)
    if not parts:
        return pd.DataFrame()
    return pd.concat(parts, ignore_index=True).sort_values(
        ["is_change", "net_gain_usd_per_month", "job_count", "pool_key"],
        ascending=[False, False, False, True],
        na_position="last",
        ignore_index=True,
    )


def recommend(reader: Reader, history: History, objective: Objective) -> pd.DataFrame:
    """Return the advice on the rows of some history, in their order, without idle peaks."""
    rows = history.rows.copy()
    value, limit_s = objective.value_of_waiting_usd_per_h, objective.limit_s
    values: Floats = np.full(len(rows), value)
    ones = np.ones(len(rows), dtype=np.int64)
    rows["pays_from_usd_per_h"] = target.implied_values(history.recent, ones, limit_s)
    least_s: Int64s = np.zeros(len(rows), dtype=np.int64)
    if objective.p90_target_s is None:
        best_s = history.recent.best(
            value_of_waiting_usd_per_h=value, limit_s=limit_s, also_s=history.today_s
        )
    else:
        best_s, least_s, values = _meet_the_target(
            reader, history, objective, objective.p90_target_s, rows
        )
    _add_changes(history, np.maximum(least_s, 0), objective, rows)
    rounded_s = _rounded(history, best_s, least_s, objective, rows)
    rows["best_keep_alive_s"] = pd.Series(best_s, dtype="Int64").where(best_s != NO_PERIOD)
    judgements = [
        decide(_figures(row, best, round_s), objective)
        for row, best, round_s in zip(rows.to_dict("records"), best_s, rounded_s, strict=True)
    ]
    rows["verdict"] = [str(found.verdict) for found in judgements]
    rows["rationale"] = [found.rationale for found in judgements]
    rows["advised_keep_alive_s"] = pd.Series(
        [found.advised_keep_alive_s for found in judgements], dtype="Int64"
    )
    is_change = ~rows["verdict"].isin(SETTLED)
    is_advised = rows["advised_keep_alive_s"].notna()
    advised_keep_alive_s = rows["advised_keep_alive_s"].fillna(0).to_numpy(dtype=np.int64)
    rows["is_change"] = is_change
    rows["setting"] = [
        setting(int(period_s)) if is_to_set else None
        for period_s, is_to_set in zip(advised_keep_alive_s, is_change, strict=True)
    ]
    # what stays as it is gains nothing, surely; what is unclear might
    is_judged = ~rows["verdict"].isin((Verdict.NOT_ENOUGH_DATA, Verdict.NO_PRICE))
    for name in _GAINS:
        rows[name] = rows[name].where(rows["verdict"] != Verdict.KEEP, 0.0).where(is_judged)
    # without a price a gain is known in seconds of a cluster only
    for name in _MONEY:
        rows[name] = rows[name].where(rows["has_price"])
    rows["value_of_waiting_usd_per_h"] = value
    rows["is_value_assumed"] = objective.is_value_assumed
    regret = regret_ratio(
        history.split, values_usd_per_h=values, limit_s=limit_s, also_s=history.today_s
    )
    even_s = break_even_s(rows["billed_saved_s"], rows["wait_saved_s"], rows["usd_per_h"], value)
    rows["backtest_regret_ratio"] = np.where(is_judged, regret, np.nan)
    rows["worst_case_ratio"] = np.where(
        is_advised, worst_case_ratio(advised_keep_alive_s, even_s), np.nan
    )
    rows["is_rough"] = is_judged & (rows["recent_span_days"] < ROUGH_DAYS)
    rows["current_keep_alive_s"] = rows["current_keep_alive_s"].astype("Int64")
    rows["judged_from_date"] = pd.to_datetime(rows["from_day"], unit="D")
    return rows.rename(columns=_NAMES)


def _meet_the_target(
    reader: Reader, history: History, objective: Objective, target_s: float, rows: pd.DataFrame
) -> tuple[Int64s, Int64s, Floats]:
    """Return the cheapest periods that meet the P90 target, the shortest, and implied values.

    Adds the P90s to the rows.
    """
    limit_s, value = objective.limit_s, objective.value_of_waiting_usd_per_h
    today_s = history.today_s
    pool_ids = history.pools["pool_id"].to_numpy(dtype=np.int64)
    latencies = target.load_latencies(reader, history.filters, None if history.is_one else pool_ids)
    least_s = target.least_periods(*history.recent.candidates(limit_s), latencies, target_s)
    implied = target.implied_values(history.recent, least_s, limit_s)
    best_s = history.recent.best(
        value_of_waiting_usd_per_h=value, limit_s=limit_s, also_s=today_s, least_s=least_s
    )
    best_s = np.where(least_s == NO_PERIOD, NO_PERIOD, best_s)
    pools_today_s = np.maximum(periods(history.pools["current_keep_alive_s"]), 0)
    now_s = (
        np.array([target.p90_today_s(latencies, pool_ids, pools_today_s)])
        if history.is_one
        else target.p90_s(latencies, pools_today_s)
    )
    rows["implied_value_usd_per_h"] = implied
    rows["p90_today_s"] = now_s
    best_p90_s = target.p90_s(latencies, np.maximum(best_s, 0))
    rows["p90_s"] = np.where(best_s == NO_PERIOD, now_s, best_p90_s)
    rows["p90_at_limit_s"] = target.p90_s(latencies, np.full(len(rows), limit_s))
    return best_s, least_s, np.where(np.isnan(implied), value, np.maximum(implied, value))


def _add_changes(
    history: History, least_s: Int64s, objective: Objective, rows: pd.DataFrame
) -> None:
    """Add what the best periods change against the jobs' own, a month, with its interval."""
    gains, curves = history.gains, history.recent
    value = objective.value_of_waiting_usd_per_h
    found = judge(
        gains,
        np.full(len(rows), value),
        limit_s=objective.limit_s,
        current_s=history.today_s,
        least_s=least_s,
    )
    # neither more than is paid today, nor more than the waiting that there is
    wait_usd = value / SECONDS_PER_HOUR * (curves.cold_priced_wait_s - gains.own_wait_saved_s)
    billed_usd = np.where(curves.has_price, curves.cold_billed_usd, curves.cold_billed_s)
    most_usd = gains.own_idle_usd + billed_usd - gains.own_billed_saved_usd + wait_usd
    months = history.month_count
    rows["extra_hit_count"] = found.hit_count / months
    rows["extra_wait_saved_h"] = found.wait_saved_s / SECONDS_PER_HOUR / months
    rows["extra_idle_usd"] = found.idle_usd / months
    rows["extra_billed_saved_usd"] = found.billed_saved_usd / months
    rows["cash_gain_usd"] = rows["extra_billed_saved_usd"] - rows["extra_idle_usd"]
    rows["gain_usd"] = rows["cash_gain_usd"] + value * rows["extra_wait_saved_h"]
    rows["gain_low_usd"] = found.gain_low_usd / months
    rows["gain_high_usd"] = np.minimum(found.gain_high_usd, most_usd) / months
    rows["current_retained_usd"] = gains.own_idle_usd / months
    rows["sure_value_usd_per_h"] = found.sure_value_usd_per_h
    rows["retained_replayed_h"] = gains.replayed_s / SECONDS_PER_HOUR
    rows["retained_recorded_h"] = gains.recorded_s / SECONDS_PER_HOUR
    rows["retained_recorded_count"] = gains.recorded_count
    rows["has_price"] = curves.has_price
    own_usd = gains.own_idle_usd - gains.own_billed_saved_usd
    rows["own_objective_usd"] = own_usd - value / SECONDS_PER_HOUR * gains.own_wait_saved_s


def _rounded(
    history: History, best_s: Int64s, least_s: Int64s, objective: Objective, rows: pd.DataFrame
) -> Int64s:
    """Return periods as people set them; add to the rows what the exact ones gain in hindsight."""
    group, value = np.arange(len(best_s)), objective.value_of_waiting_usd_per_h
    rounded_s, gain_usd = in_minutes(
        best_s,
        lambda periods_s: history.recent.objective(group, periods_s, value),
        rows["own_objective_usd"].to_numpy(),
        limit_s=objective.limit_s,
        least_s=least_s,
    )
    rows["hindsight_gain_usd"] = gain_usd / history.month_count
    return rounded_s


def _figures(row: Mapping[Any, Any], best_s: int, rounded_s: int) -> PoolImpact:
    return PoolImpact(
        job_count=int(row["recent_job_count"]),
        job_span_days=int(row["recent_span_days"]),
        day_count=int(row["last_day"] - row["from_day"] + 1),
        current_keep_alive_s=None
        if pd.isna(row["current_keep_alive_s"])
        else int(row["current_keep_alive_s"]),
        has_other_today=bool(row["is_mixed"]),
        best_s=None if best_s == NO_PERIOD else int(best_s),
        advised_s=None if best_s == NO_PERIOD else int(rounded_s),
        has_price=bool(row["has_price"]),
        unpriced_job_count=int(row["job_count"] - row["priced_job_count"]),
        gain_usd=row["gain_usd"],
        gain_low_usd=row["gain_low_usd"],
        gain_high_usd=row["gain_high_usd"],
        hindsight_gain_usd=row["hindsight_gain_usd"],
        extra_wait_saved_h=row["extra_wait_saved_h"],
        extra_hits=row["extra_hit_count"],
        extra_idle_usd=row["extra_idle_usd"],
        extra_billed_saved_usd=row["extra_billed_saved_usd"],
        pays_from_usd_per_h=_known(row["pays_from_usd_per_h"]),
        sure_value_usd_per_h=_known(row["sure_value_usd_per_h"]),
        changed_on=_date(row["from_day"]) if row["is_changed"] else None,
        last_job_on=_date(row["last_job_day"]),
        silent_days=int(row["last_day"] - row["last_job_day"]) if row["is_silent"] else 0,
        recorded_h=row["retained_recorded_h"],
        replayed_h=row["retained_replayed_h"],
        p90_s=_known(row.get("p90_s")),
        p90_today_s=_known(row.get("p90_today_s")),
        p90_at_limit_s=_known(row.get("p90_at_limit_s")),
    )


def _date(day: int) -> date:
    """Return a day since 1970 as a date."""
    return date.fromordinal(_FIRST_DAY + int(day))


def _peaks(
    reader: Reader, history: History, advised_keep_alive_s: "pd.Series[Any]"
) -> "pd.Series[Any]":
    """Return the most instances idle at once under each advised period."""
    releases = history.releases
    if releases is None:
        parts = in_parts(reader, history.filters)
        releases = as_one_pool([load_jobs(reader, part).releases() for part in parts])
    at = advised_keep_alive_s.fillna(0).to_numpy(dtype=np.int64).reshape(-1, 1)
    peaks = pd.Series([peak[0] for peak in idle_peaks(releases, list(at))], dtype="Int64")
    return peaks.where(advised_keep_alive_s.notna())


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
