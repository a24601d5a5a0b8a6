"""What all advice is based on: each pool's history, curve, and early and late days."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from analytics.keep_alive.backtest import SplitCurves, split_curves, split_day
from analytics.keep_alive.batches import runs
from analytics.keep_alive.build_curves import BY_POOL, TOGETHER, build_curves
from analytics.keep_alive.curve import NO_PERIOD, Curves, Floats, Int64s
from analytics.quantities import HOURS_PER_DAY, HOURS_PER_MONTH
from analytics.query import ALL_POOLS, Filters, run_sql
from data.store.reader import Reader


@dataclass(frozen=True, slots=True)
class History:
    """The pools with eligible jobs, and the rows they are advised in: themselves, or one for all.

    `pools` and `rows` have the columns of keep_alive_advice.sql; `curves` and `split` are in
    the order of `rows`.
    """

    filters: Filters
    pools: pd.DataFrame
    rows: pd.DataFrame
    is_one: bool
    curves: Curves
    split: SplitCurves

    @property
    def today_s(self) -> Int64s:
        """Today's period of each row; NO_PERIOD: unknown, or several."""
        return periods(self.rows["current_keep_alive_s"])

    @property
    def day_count(self) -> Int64s:
        """Days from a row's first job to the end of the history."""
        return np.asarray(self.rows["last_day"] - self.rows["first_day"] + 1, dtype=np.int64)

    @property
    def month_count(self) -> Floats:
        """The same in months of 730 h."""
        return self.day_count * HOURS_PER_DAY / HOURS_PER_MONTH

    def per_pool(self, values: Any) -> Any:
        """Return one value a row as one a pool."""
        return np.broadcast_to(values, len(self.pools)) if self.is_one else np.asarray(values)


def load_history(reader: Reader, filters: Filters, *, together: bool) -> Iterator[History]:
    """Yield the history of all pools as one row, or in parts of so many jobs that memory holds."""
    pools = run_sql(
        reader,
        "keep_alive/keep_alive_advice",
        filters,
        until=filters.until,
    )
    if pools.empty:
        return
    if together:
        yield _history(reader, filters, pools, _as_one(pools), together=True)
        return
    for ids, part in runs(pools):
        yield _history(reader, replace(filters, pools=ids), part, part, together=False)


def _history(
    reader: Reader, filters: Filters, pools: pd.DataFrame, rows: pd.DataFrame, *, together: bool
) -> History:
    days = split_day(rows["first_day"].to_numpy(), rows["last_day"].to_numpy())
    return History(
        filters=filters,
        pools=pools,
        rows=rows,
        is_one=together,
        curves=build_curves(reader, filters, by=TOGETHER if together else BY_POOL),
        split=split_curves(
            reader,
            filters,
            pools["pool_id"].to_numpy(dtype=np.int64),
            np.broadcast_to(days, len(pools)),
            together=together,
        ),
    )


def _as_one(pools: pd.DataFrame) -> pd.DataFrame:
    """Return all pools as one row; today each keeps its own period."""
    if len(pools) == 1:
        return pools
    jobs = pools["job_count"]
    priced = pools["usd_per_h"].notna()
    known = pools["current_keep_alive_s"].dropna().unique()
    is_known = pools["current_keep_alive_s"].notna().all()
    is_same = len(known) == 1 and is_known and not pools["is_mixed"].any()
    types = pools["instance_type"].unique()
    first_day, last_day = pools["first_day"].min(), pools["last_day"].max()
    usd_per_h = (
        np.average(pools["usd_per_h"][priced], weights=jobs[priced]) if priced.any() else np.nan
    )
    row = {
        "pool_id": -1,
        "pool_key": ALL_POOLS,
        "pool_label": "all pools",
        "region": None,
        "job_count": int(jobs.sum()),
        "first_day": first_day,
        "last_day": last_day,
        "job_span_days": pools["last_job_day"].max() - first_day + 1,
        "priced_job_count": int(pools["priced_job_count"].sum()),
        "current_keep_alive_s": known[0] if is_same else np.nan,
        "is_mixed": not is_same,
        "newest_job_name": None,
        "instance_type": types[0] if len(types) == 1 else None,
        "instance_count": np.nan,
        "volume_size_gib": np.nan,
        "usd_per_h": usd_per_h,
        "wait_saved_s": np.average(pools["wait_saved_s"], weights=jobs),
        "billed_saved_s": np.average(pools["billed_saved_s"], weights=jobs),
    }
    return pd.DataFrame([row])


def periods(seconds: "pd.Series[float]") -> Int64s:
    """Return periods as whole seconds; NO_PERIOD where unknown."""
    return np.asarray(seconds.fillna(NO_PERIOD), dtype=np.int64)
