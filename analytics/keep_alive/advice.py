"""Keep-alive advice: for each pool, or for all together, which period to set instead, and why.

Definition: docs/metrics/keep_alive_advice.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analytics.asking import (
    CREATED_DATE,
    CREATED_DAY,
    HOURS_PER_MONTH,
    SECONDS_PER_HOUR,
    Filters,
    answer_arrays,
    answer_with,
)
from analytics.keep_alive import bootstrap, target
from analytics.keep_alive.adding_up import BY_POOL, TOGETHER, curves
from analytics.keep_alive.backtest import backtest, split_day
from analytics.keep_alive.curve import NO_PERIOD, Int64s
from analytics.keep_alive.detail import idle_peaks, load_jobs
from analytics.keep_alive.judging import ROUGH_DAYS, Figures, Verdict, Wishes, judged
from analytics.keep_alive.snippets import setting
from analytics.keep_alive.worst_case import break_even_s, worst_case_ratio
from data.store import Store

HOURS_PER_DAY = 24
JOBS_AT_ONCE = 2_000_000
_CHANGES = (
    "extra_hit_count",
    "extra_wait_saved_s",
    "extra_idle_usd",
    "extra_billed_saved_usd",
    "gain_usd",
)


def advised(store: Store, filters: Filters, wishes: Wishes, *, together: bool) -> pd.DataFrame:
    """Return a row for each pool with eligible jobs, or one for all; most to gain comes first."""
    pools = answer_with(
        store, "keep_alive/histories", filters, words={"created_date": CREATED_DATE}
    )
    if pools.empty:
        return pools
    if together:
        return _told(_Case(store, filters, wishes, pools, _as_one(pools)))
    parts = [
        _told(_Case(store, replace(filters, pools=ids), wishes, part, part.copy()))
        for ids, part in _parts(pools)
    ]
    return pd.concat(parts, ignore_index=True).sort_values(
        ["net_gain_usd_per_month", "job_count", "pool_key"],
        ascending=[False, False, True],
        na_position="last",
        ignore_index=True,
    )


def _parts(pools: pd.DataFrame) -> Iterator[tuple[tuple[int, int], pd.DataFrame]]:
    """Yield runs of pools of so many jobs, so that memory holds them."""
    number = pools["job_count"].cumsum() // JOBS_AT_ONCE
    for _, part in pools.groupby(number, sort=True):
        ids = part["pool_id"]
        yield (int(ids.iloc[0]), int(ids.iloc[-1])), part.reset_index(drop=True)


class _Case:
    """The pools of one part, and the rows they are advised in: themselves, or one for all."""

    def __init__(
        self,
        store: Store,
        filters: Filters,
        wishes: Wishes,
        pools: pd.DataFrame,
        rows: pd.DataFrame,
    ) -> None:
        self.store, self.filters, self.wishes = store, filters, wishes
        self.pools, self.rows = pools, rows
        self.is_one = "pool_count" in rows
        self.curves = curves(store, filters, by=TOGETHER if self.is_one else BY_POOL)
        self.group = np.arange(len(rows))
        self.today_s = _periods(rows["current_s"])
        self.day_count = (rows["last_day"] - rows["first_day"] + 1).to_numpy(dtype=np.int64)
        self.month_count = self.day_count * HOURS_PER_DAY / HOURS_PER_MONTH

    def per_pool(self, values: Any) -> Any:
        """Return one value a row as one a pool."""
        return np.broadcast_to(values, len(self.pools)) if self.is_one else np.asarray(values)


def _as_one(pools: pd.DataFrame) -> pd.DataFrame:
    """Return all pools as one row; today each keeps its own period."""
    jobs = pools["job_count"]
    priced = pools["usd_per_h"].notna()
    known = pools["current_s"].dropna().unique()
    is_same = len(known) == 1 and pools["current_s"].notna().all() and not pools["is_mixed"].any()
    types = pools["instance_type"].unique()
    return pd.DataFrame(
        {
            "pool_id": [-1],
            "pool_key": ["all"],
            "pool_count": [len(pools)],
            "region": [None],
            "job_count": [int(jobs.sum())],
            "first_day": [pools["first_day"].min()],
            "last_day": [pools["last_day"].max()],
            "job_span_days": [pools["last_day"].max() - pools["first_day"].min() + 1],
            "current_s": [known[0] if is_same else np.nan],
            "is_mixed": [not is_same],
            "newest_job_name": [None],
            "instance_type": [types[0] if len(types) == 1 else None],
            "instance_count": [np.nan],
            "volume_size_gib": [np.nan],
            "usd_per_h": [
                np.average(pools["usd_per_h"][priced], weights=jobs[priced])
                if priced.any()
                else np.nan
            ],
            "wait_saved_s": [np.average(pools["wait_saved_s"], weights=jobs)],
            "billed_saved_s": [np.average(pools["billed_saved_s"], weights=jobs)],
        }
    )


def _told(case: _Case) -> pd.DataFrame:
    """Return the advice on the rows of a case."""
    rows, wishes = case.rows, case.wishes
    value, limit_s = wishes.value_of_waiting_usd_per_h, wishes.limit_s
    best_s = case.curves.best(
        value_of_waiting_usd_per_h=value, limit_s=limit_s, also_s=case.today_s
    )
    rows["pays_from_usd_per_h"] = target.implied_values(
        case.curves, np.ones(len(rows), dtype=np.int64), limit_s
    )
    p90 = dict[str, Any]()
    values = np.full(len(rows), value)
    if wishes.p90_target_s is not None:
        best_s, values, p90 = _meeting_the_target(case, wishes.p90_target_s)
    _add_changes(case, best_s)
    regret = backtest(
        case.store,
        case.filters,
        case.pools["pool_id"].to_numpy(dtype=np.int64),
        case.per_pool(split_day(rows["first_day"].to_numpy(), rows["last_day"].to_numpy())),
        values_usd_per_h=values,
        limit_s=limit_s,
        also_s=case.today_s,
        together=case.is_one,
    ).regret_ratio
    for name, column in p90.items():
        rows[name] = column
    rows["best_s"] = best_s
    rows["has_price"] = case.curves.has_price
    judgements = [judged(_figures(row, best), wishes)
                  for row, best in zip(rows.to_dict("records"), best_s, strict=True)]  # fmt: skip
    rows["verdict"] = [str(found.verdict) for found in judgements]
    rows["because"] = [found.because for found in judgements]
    rows["advised_s"] = pd.Series([found.advised_s for found in judgements], dtype="Int64")
    is_change = ~rows["verdict"].isin([Verdict.KEEP, Verdict.NOT_ENOUGH_DATA, Verdict.NO_PRICE])
    rows["setting"] = [
        setting(int(period_s)) if is_to_set else None
        for period_s, is_to_set in zip(rows["advised_s"].fillna(0), is_change, strict=True)
    ]
    is_judged = rows["advised_s"].notna()
    # what stays as it is gains nothing, surely
    for name in ("gain_usd", "gain_low_usd", "gain_high_usd", "extra_wait_saved_h"):
        rows[name] = rows[name].where(is_change, 0.0).where(is_judged)
    rows["backtest_regret_ratio"] = np.where(is_judged, regret, np.nan)
    rows["is_rough"] = is_judged & (rows["job_span_days"] < ROUGH_DAYS)
    advised_s = rows["advised_s"].fillna(0).to_numpy(dtype=np.int64)
    rows["worst_case_ratio"] = pd.Series(
        worst_case_ratio(
            advised_s, break_even_s(rows["billed_saved_s"], rows["wait_saved_s"],
                                    rows["usd_per_h"], value)
        ),
        index=rows.index,
    ).where(is_judged)  # fmt: skip
    rows["peak_idle_instances"] = pd.Series(_peaks(case, advised_s), dtype="Int64")
    rows.loc[~is_judged, "peak_idle_instances"] = pd.NA
    rows["current_s"] = rows["current_s"].astype("Int64")
    return rows.rename(
        columns={
            "gain_usd": "net_gain_usd_per_month",
            "gain_low_usd": "net_gain_low_usd_per_month",
            "gain_high_usd": "net_gain_high_usd_per_month",
            "extra_wait_saved_h": "wait_saved_h_per_month",
            "p90_s": "startup_latency_p90_s",
            "p90_today_s": "startup_latency_p90_today_s",
        }
    )


def _meeting_the_target(case: _Case, target_s: float) -> tuple[Int64s, Any, dict[str, Any]]:
    """Return the cheapest periods that meet the P90 target, their implied prices, and P90s."""
    limit_s, value = case.wishes.limit_s, case.wishes.value_of_waiting_usd_per_h
    ids = None if case.is_one else case.pools["pool_id"].to_numpy(dtype=np.int64)
    latencies = target.load_latencies(case.store, case.filters, ids)
    least_s = target.least_periods(case.curves, latencies, target_s, limit_s)
    implied = target.implied_values(case.curves, least_s, limit_s)
    best_s = case.curves.best(
        value_of_waiting_usd_per_h=value,
        limit_s=limit_s,
        also_s=case.today_s,
        least_s=least_s,
    )
    best_s = np.where(least_s == NO_PERIOD, NO_PERIOD, best_s)
    at_limit = np.full(len(best_s), limit_s)
    return (
        best_s,
        np.where(np.isnan(implied), value, np.maximum(implied, value)),
        {
            "implied_value_usd_per_h": implied,
            "p90_s": target.p90_s(
                latencies, np.maximum(np.where(least_s == NO_PERIOD, case.today_s, best_s), 0)
            ),
            "p90_today_s": target.p90_s(latencies, np.maximum(case.today_s, 0)),
            "p90_at_limit_s": target.p90_s(latencies, at_limit),
        },
    )


def _add_changes(case: _Case, best_s: Int64s) -> None:
    """Add what the best periods change against today's, a month, and the interval of the gain."""
    rows, pools = case.rows, case.pools
    pool_best_s = case.per_pool(np.maximum(best_s, 0))
    days = answer_arrays(
        case.store,
        "keep_alive/daily_gain",
        case.filters,
        words={"created_day": CREATED_DAY},
        pool_ids=pools["pool_id"].tolist(),
        today_s=np.maximum(_periods(pools["current_s"]), 0).tolist(),
        best_s=pool_best_s.tolist(),
        values_usd_per_h=[case.wishes.value_of_waiting_usd_per_h] * len(pools),
        are_priced=case.per_pool(case.curves.has_price).tolist(),
    )
    row = (
        np.zeros(len(days["pool_id"]), dtype=np.int64)
        if case.is_one
        else np.searchsorted(pools["pool_id"], days["pool_id"])
    )
    bounds = np.searchsorted(row, np.arange(len(rows) + 1)).astype(np.int64)
    months = case.month_count
    for name in _CHANGES:
        rows[name] = np.bincount(row, days[name], minlength=len(rows)) / months
    low, high = bootstrap.interval(
        bounds,
        days["created_day"].astype(np.int64) - rows["first_day"].to_numpy(dtype=np.int64)[row],
        days["gain_usd"],
        case.day_count,
    )
    rows["gain_low_usd"] = low * HOURS_PER_MONTH / HOURS_PER_DAY
    rows["gain_high_usd"] = high * HOURS_PER_MONTH / HOURS_PER_DAY
    # without a price the gain is known in seconds of a cluster only
    for name in ("extra_idle_usd", "extra_billed_saved_usd", "gain_usd", "gain_low_usd",
                 "gain_high_usd"):  # fmt: skip
        rows[name] = rows[name].where(case.curves.has_price)
    rows["extra_wait_saved_h"] = rows["extra_wait_saved_s"] / SECONDS_PER_HOUR


def _figures(row: Mapping[Any, Any], best_s: int) -> Figures:
    return Figures(
        job_count=int(row["job_count"]),
        job_span_days=int(row["job_span_days"]),
        current_s=None if pd.isna(row["current_s"]) else int(row["current_s"]),
        has_other_today=bool(row["is_mixed"]),
        best_s=None if best_s == NO_PERIOD else int(best_s),
        has_price=bool(row["has_price"]),
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


def _peaks(case: _Case, advised_s: Int64s) -> Int64s:
    jobs = load_jobs(case.store, case.filters)
    if case.is_one:
        jobs = jobs.as_one_pool()
    peaks = idle_peaks(jobs, list(advised_s.reshape(-1, 1)))
    return np.array([peak[0] for peak in peaks], dtype=np.int64)


def _periods(seconds: "pd.Series[float]") -> Int64s:
    return np.asarray(seconds.fillna(NO_PERIOD), dtype=np.int64)


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
