"""Keep-alive advice: for each pool, or for all together, which period to set instead, and why.

Definition: docs/metrics/keep_alive_advice.md.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.keep_alive import target
from analytics.keep_alive.backtest import regret_ratio
from analytics.keep_alive.batches import in_parts
from analytics.keep_alive.curve import NO_PERIOD, Floats, Int64s
from analytics.keep_alive.decide import ROUGH_DAYS, SETTLED, Objective, PoolImpact, decide
from analytics.keep_alive.history import History, load_history, periods
from analytics.keep_alive.replay import as_one_pool, idle_peaks, load_jobs
from analytics.keep_alive.snippets import setting
from analytics.quantities import HOURS_PER_DAY, HOURS_PER_MONTH, SECONDS_PER_HOUR
from analytics.query import Filters, run_sql_arrays
from analytics.stats import bootstrap
from analytics.stats.ski_rental import break_even_s, worst_case_ratio
from data.store.reader import Reader

_CHANGES = (
    "extra_hit_count",
    "extra_wait_saved_s",
    "extra_idle_usd",
    "extra_billed_saved_usd",
    "gain_usd",
)
_MONEY = ("extra_idle_usd", "extra_billed_saved_usd", "gain_usd", "gain_low_usd", "gain_high_usd")
_NAMES = {
    "gain_usd": "net_gain_usd_per_month",
    "gain_low_usd": "net_gain_low_usd_per_month",
    "gain_high_usd": "net_gain_high_usd_per_month",
    "extra_wait_saved_h": "wait_saved_h_per_month",
    "p90_s": "startup_latency_p90_advised_s",
    "p90_today_s": "startup_latency_p90_current_s",
}


def advise(reader: Reader, filters: Filters, wishes: Objective, *, together: bool) -> pd.DataFrame:
    """Return a row for each pool with eligible jobs, or one for all; most to gain comes first."""
    parts = []
    for history in load_history(reader, filters, together=together):
        part = recommend(reader, history, wishes)
        part["peak_idle_instances"] = _peaks(reader, history, part["advised_keep_alive_s"])
        parts.append(part)
    if not parts:
        return pd.DataFrame()
    return pd.concat(parts, ignore_index=True).sort_values(
        ["net_gain_usd_per_month", "job_count", "pool_key"],
        ascending=[False, False, True],
        na_position="last",
        ignore_index=True,
    )


def recommend(reader: Reader, history: History, wishes: Objective) -> pd.DataFrame:
    """Return the advice on the rows of some history, in their order, without idle peaks."""
    rows = history.rows.copy()
    value, limit_s = wishes.value_of_waiting_usd_per_h, wishes.limit_s
    values: Floats = np.full(len(rows), value)
    ones = np.ones(len(rows), dtype=np.int64)
    rows["pays_from_usd_per_h"] = target.implied_values(history.curves, ones, limit_s)
    if wishes.p90_target_s is None:
        best_s = history.curves.best(
            value_of_waiting_usd_per_h=value, limit_s=limit_s, also_s=history.today_s
        )
    else:
        best_s, values = _meet_the_target(reader, history, wishes, wishes.p90_target_s, rows)
    _add_changes(reader, history, best_s, value, rows)
    rows["has_price"] = history.curves.has_price
    judgements = [
        decide(_figures(row, best), wishes)
        for row, best in zip(rows.to_dict("records"), best_s, strict=True)
    ]
    rows["best_s"] = best_s
    rows["verdict"] = [str(found.verdict) for found in judgements]
    rows["rationale"] = [found.rationale for found in judgements]
    rows["advised_keep_alive_s"] = pd.Series(
        [found.advised_keep_alive_s for found in judgements], dtype="Int64"
    )
    is_change = ~rows["verdict"].isin(SETTLED)
    is_advised = rows["advised_keep_alive_s"].notna()
    advised_keep_alive_s = rows["advised_keep_alive_s"].fillna(0).to_numpy(dtype=np.int64)
    rows["setting"] = [
        setting(int(period_s)) if is_to_set else None
        for period_s, is_to_set in zip(advised_keep_alive_s, is_change, strict=True)
    ]
    # what stays as it is gains nothing, surely
    for name in ("gain_usd", "gain_low_usd", "gain_high_usd", "extra_wait_saved_h"):
        rows[name] = rows[name].where(is_change, 0.0).where(is_advised)
    regret = regret_ratio(
        history.split, values_usd_per_h=values, limit_s=limit_s, also_s=history.today_s
    )
    even_s = break_even_s(rows["billed_saved_s"], rows["wait_saved_s"], rows["usd_per_h"], value)
    rows["backtest_regret_ratio"] = np.where(is_advised, regret, np.nan)
    rows["worst_case_ratio"] = np.where(
        is_advised, worst_case_ratio(advised_keep_alive_s, even_s), np.nan
    )
    rows["is_rough"] = is_advised & (rows["job_span_days"] < ROUGH_DAYS)
    rows["current_keep_alive_s"] = rows["current_keep_alive_s"].astype("Int64")
    return rows.rename(columns=_NAMES)


def _meet_the_target(
    reader: Reader, history: History, wishes: Objective, target_s: float, rows: pd.DataFrame
) -> tuple[Int64s, Floats]:
    """Return the cheapest periods that meet the P90 target, and the values of waiting implied.

    Adds the P90s to the rows.
    """
    limit_s, value = wishes.limit_s, wishes.value_of_waiting_usd_per_h
    today_s = history.today_s
    pool_ids = history.pools["pool_id"].to_numpy(dtype=np.int64)
    latencies = target.load_latencies(reader, history.filters, None if history.is_one else pool_ids)
    least_s = target.least_periods(history.curves, latencies, target_s, limit_s)
    implied = target.implied_values(history.curves, least_s, limit_s)
    best_s = history.curves.best(
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
    return best_s, np.where(np.isnan(implied), value, np.maximum(implied, value))


def _add_changes(
    reader: Reader, history: History, best_s: Int64s, value: float, rows: pd.DataFrame
) -> None:
    """Add what the best periods change against today's, a month, and the interval of the gain."""
    pools = history.pools
    days = run_sql_arrays(
        reader,
        "keep_alive/daily_gain",
        history.filters,
        words={"group_value": "-1" if history.is_one else "pool_id"},
        pool_ids=pools["pool_id"].tolist(),
        today_s=np.maximum(periods(pools["current_keep_alive_s"]), 0).tolist(),
        best_s=history.per_pool(np.maximum(best_s, 0)).tolist(),
        values_usd_per_h=[value] * len(pools),
        are_priced=history.per_pool(history.curves.has_price).tolist(),
    )
    row = np.searchsorted(rows["pool_id"], days["group_value"])
    months = history.month_count
    for name in _CHANGES:
        rows[name] = np.bincount(row, days[name], minlength=len(rows)) / months
    low, high = bootstrap.interval(
        np.searchsorted(row, np.arange(len(rows) + 1)),
        days["created_day"].astype(np.int64) - rows["first_day"].to_numpy(dtype=np.int64)[row],
        days["gain_usd"],
        history.day_count,
    )
    rows["gain_low_usd"] = low * HOURS_PER_MONTH / HOURS_PER_DAY
    rows["gain_high_usd"] = high * HOURS_PER_MONTH / HOURS_PER_DAY
    # without a price the gain is known in seconds of a cluster only
    rows["is_gain"] = rows["gain_usd"] > 0
    rows["is_less_idle"] = rows["extra_idle_usd"] < 0
    for name in _MONEY:
        rows[name] = rows[name].where(history.curves.has_price)
    rows["extra_wait_saved_h"] = rows["extra_wait_saved_s"] / SECONDS_PER_HOUR


def _figures(row: Mapping[Any, Any], best_s: int) -> PoolImpact:
    return PoolImpact(
        job_count=int(row["job_count"]),
        job_span_days=int(row["job_span_days"]),
        current_keep_alive_s=None
        if pd.isna(row["current_keep_alive_s"])
        else int(row["current_keep_alive_s"]),
        has_other_today=bool(row["is_mixed"]),
        best_s=None if best_s == NO_PERIOD else int(best_s),
        has_price=bool(row["has_price"]),
        unpriced_job_count=int(row["job_count"] - row["priced_job_count"]),
        is_gain=bool(row["is_gain"]),
        is_less_idle=bool(row["is_less_idle"]),
        gain_usd=row["gain_usd"],
        gain_low_usd=row["gain_low_usd"],
        gain_high_usd=row["gain_high_usd"],
        extra_wait_saved_h=row["extra_wait_saved_h"],
        extra_hits=row["extra_hit_count"],
        extra_idle_usd=row["extra_idle_usd"],
        extra_billed_saved_usd=row["extra_billed_saved_usd"],
        pays_from_usd_per_h=_known(row["pays_from_usd_per_h"]),
        p90_s=_known(row.get("p90_s")),
        p90_today_s=_known(row.get("p90_today_s")),
        p90_at_limit_s=_known(row.get("p90_at_limit_s")),
    )


def _peaks(
    reader: Reader, history: History, advised_keep_alive_s: "pd.Series[Any]"
) -> "pd.Series[Any]":
    """Return the most instances idle at once under each advised period."""
    parts = in_parts(reader, history.filters) if history.is_one else [history.filters]
    loaded = [load_jobs(reader, part).releases() for part in parts]
    releases = as_one_pool(loaded) if history.is_one else loaded[0]
    at = advised_keep_alive_s.fillna(0).to_numpy(dtype=np.int64).reshape(-1, 1)
    peaks = pd.Series([peak[0] for peak in idle_peaks(releases, list(at))], dtype="Int64")
    return peaks.where(advised_keep_alive_s.notna())


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
