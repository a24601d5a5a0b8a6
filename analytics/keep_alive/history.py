"""What all advice is based on: each pool's history, curve, gains, and early and late days."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analytics.expressions import CREATED_DAY
from analytics.keep_alive.backtest import SplitCurves, split_curves, split_day
from analytics.keep_alive.batches import in_parts, runs
from analytics.keep_alive.build_curves import BY_POOL, TOGETHER, build_curves
from analytics.keep_alive.curve import NO_PERIOD, Curves, Floats, Int64s
from analytics.keep_alive.gains import Gains, gather_gains
from analytics.keep_alive.recent import is_silent, recent_from
from analytics.keep_alive.replay import Jobs, Releases, as_one_pool, load_jobs
from analytics.quantities import HOURS_PER_DAY, HOURS_PER_MONTH
from analytics.query import ALL_POOLS, Filters, run_sql
from data.store.reader import Reader

# the gains of each pool's days are held in memory
_POOLED_JOBS = 1_000_000

_RECENT_JOBS = f"""(
    select filtered_jobs.*
    from filtered_jobs
    inner join (
        select unnest($pool_ids::integer[]) as pool_id, unnest($first_days::integer[]) as first_day
    ) using (pool_id)
    where {CREATED_DAY} >= first_day
)"""


@dataclass(frozen=True, slots=True)
class History:
    """The pools with eligible jobs, and the rows they are advised in: themselves, or one for all.

    `pools` and `rows` have the columns of keep_alive_advice.sql; `rows` says besides from which day
    on they are judged. `curves`, `recent`, `gains` and `split` are in the order of `rows`.
    """

    filters: Filters
    pools: pd.DataFrame
    rows: pd.DataFrame
    is_one: bool
    curves: Curves
    recent: Curves
    """The curves of what is judged; `curves` are those of all filtered jobs."""
    gains: Gains
    split: SplitCurves
    releases: Releases | None
    """The clusters that the jobs left; None: too many to keep."""

    @property
    def today_s(self) -> Int64s:
        """Today's period of each row; NO_PERIOD: unknown, or several."""
        return periods(self.rows["current_keep_alive_s"])

    @property
    def month_count(self) -> Floats:
        """Months of 730 h of the time that is judged."""
        days = (self.rows["last_day"] - self.rows["from_day"] + 1).to_numpy(dtype=np.float64)
        return np.asarray(days * HOURS_PER_DAY / HOURS_PER_MONTH)


def load_history(reader: Reader, filters: Filters, *, together: bool) -> Iterator[History]:
    """Yield the history of all pools as one row, or in parts of so many jobs that memory holds."""
    pools = run_sql(
        reader,
        "keep_alive/keep_alive_advice",
        filters,
        since=filters.since,
        until=filters.until,
    )
    if pools.empty:
        return
    if together:
        yield _history(reader, filters, pools, _as_one(pools), together=True)
        return
    for ids, part in runs(pools, _POOLED_JOBS):
        yield _history(reader, replace(filters, pools=ids), part, part, together=False)


def _history(
    reader: Reader, filters: Filters, pools: pd.DataFrame, rows: pd.DataFrame, *, together: bool
) -> History:
    parts = in_parts(reader, filters) if together else [filters]
    jobs = load_jobs(reader, parts[0])
    rows = judged_part(rows, jobs)
    pool_ids = pools["pool_id"].to_numpy(dtype=np.int64)
    first_days = np.broadcast_to(rows["from_day"], len(pools))
    by = TOGETHER if together else BY_POOL
    curves = build_curves(reader, filters, by=by)
    recent = curves
    if rows["is_changed"].any():
        recent = build_curves(
            reader,
            filters,
            by=by,
            jobs=_RECENT_JOBS,
            pool_ids=pool_ids.tolist(),
            first_days=first_days.tolist(),
        )
    gains = gather_gains(
        (jobs if part is parts[0] else load_jobs(reader, part) for part in parts),
        recent,
        current_s=periods(rows["current_keep_alive_s"]),
        first_day=rows["from_day"].to_numpy(dtype=np.int64),
        day_count=(rows["last_day"] - rows["from_day"] + 1).to_numpy(dtype=np.int64),
        together=together,
    )
    days = split_day(rows["from_day"].to_numpy(), rows["last_day"].to_numpy())
    return History(
        filters=filters,
        pools=pools,
        rows=rows,
        is_one=together,
        curves=curves,
        recent=recent,
        gains=gains,
        split=split_curves(
            reader,
            filters,
            pool_ids,
            first_days,
            np.broadcast_to(days, len(pools)),
            together=together,
        ),
        releases=None if len(parts) > 1 else _releases(jobs.releases(), together=together),
    )


def _releases(releases: Releases, *, together: bool) -> Releases:
    return as_one_pool([releases]) if together else releases


def judged_part(rows: pd.DataFrame, jobs: Jobs) -> pd.DataFrame:
    """Add from which day on each row is judged, its jobs from there on, and whether it is silent.

    Several pools as one are judged as a whole: what changes in one of them is no change of all.
    """
    first_day = rows["first_day"].to_numpy(dtype=np.int64)
    last_day = rows["last_day"].to_numpy(dtype=np.int64)
    from_day, pause = first_day, np.zeros(len(rows), dtype=np.int64)
    is_by_pool = len(jobs.offsets) - 1 == len(rows)
    if is_by_pool:
        from_day, pause = recent_from(jobs, first_day, last_day)
    silent_days = last_day - rows["last_job_day"].to_numpy(dtype=np.int64)
    counts = rows["job_count"].to_numpy(dtype=np.int64)
    if (from_day > first_day).any():
        pool = np.repeat(np.arange(len(rows)), np.diff(jobs.offsets))
        is_recent = jobs.is_counted & (jobs.created_day >= from_day[pool])
        counts = np.bincount(pool[is_recent], minlength=len(rows))
    return rows.assign(
        from_day=from_day,
        is_changed=from_day > first_day,
        is_silent=is_by_pool & is_silent(silent_days, pause),
        recent_job_count=counts,
        recent_span_days=np.where(
            from_day > first_day,
            rows["last_job_day"].to_numpy(dtype=np.int64) - from_day + 1,
            rows["job_span_days"],
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
        "last_job_day": pools["last_job_day"].max(),
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
