"""What a period needs besides the gaps: idle peaks, long chains, and oldest-first reuse.

These follow the clusters through time, so each period is a pass of its own over the jobs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from analytics.derived.matching import (
    NEVER,
    NO_JOB,
    UNKNOWN,
    Floats,
    Int64s,
    long_chain_count,
    oldest_first_sums,
)
from analytics.expressions import CREATED_DAY
from analytics.query import Filters
from analytics.stats.ratios import ratios
from data.store.reader import Reader


@dataclass(frozen=True, slots=True)
class Jobs:
    """The eligible jobs of some pools, sorted by (pool, request, name), as arrays."""

    pool_id: Int64s
    offsets: Int64s
    is_counted: NDArray[np.bool_]
    request_us: Int64s
    release_us: Int64s
    gap_us: Int64s
    idle_us: Int64s
    donor: Int64s  # position of the job whose cluster it reuses under unlimited keep-alive
    instance_count: Int64s
    usd_per_s: Floats
    wait_saved_s: Floats
    billed_saved_s: Floats
    own_s: Int64s  # the job's own period; -1: unknown
    recorded_s: Floats  # how long AWS says that its cluster was retained; -1: unknown
    created_day: Int64s

    def releases(self) -> "Releases":
        """Return the clusters that the counted jobs left."""
        chosen = self.is_counted & (self.release_us != NEVER)
        before = np.concatenate([[0], np.cumsum(chosen)])
        return Releases(
            before[self.offsets].astype(np.int64),
            self.release_us[chosen],
            self.idle_us[chosen],
            self.instance_count[chosen].astype(np.int32),
        )


@dataclass(frozen=True, slots=True)
class Releases:
    """Clusters that became free, by pool, as arrays; idle time under unlimited keep-alive."""

    offsets: Int64s
    release_us: Int64s
    idle_us: Int64s
    instance_count: NDArray[np.int32]


def as_one_pool(parts: Sequence[Releases]) -> Releases:
    """Return the clusters as if they were of one pool, for sums over pools."""
    count = sum(len(part.release_us) for part in parts)
    return Releases(
        np.array([0, count], dtype=np.int64),
        np.concatenate([part.release_us for part in parts]),
        np.concatenate([part.idle_us for part in parts]),
        np.concatenate([part.instance_count for part in parts]),
    )


def load_jobs(reader: Reader, filters: Filters) -> Jobs:
    """Load the whole history of the pools that the filters touch; `is_counted`: which jobs pass."""
    return jobs_from(job_columns(reader, filters, order_by="pool_id, request_us, job_name"))


def job_columns(
    reader: Reader,
    filters: Filters,
    *,
    order_by: str,
    also: str = "",
    pool_ids: Sequence[int] | None = None,
) -> dict[str, NDArray[Any]]:
    """Load what `load_jobs` does as columns, of all pools or some, in an order of ours.

    `also` is SQL of ours for further columns.
    """
    condition, parameters = filters.condition()
    return reader.arrays(
        f"""
        with chosen as (
            select distinct pool_id from job_facts
            where eligibility = 'eligible' and pool_id is not null and ({condition})
                and ($pool_ids is null or list_contains($pool_ids::integer[], pool_id))
        )
        select
            job_id,
            pool_id,
            coalesce(({condition}), false) as is_counted,
            epoch_us(request_at) as request_us,
            case when is_releasing then epoch_us(release_at) else $never end
                as release_us,
            coalesce(round(unlimited_gap_s * 1e6), -1)::bigint as gap_us,
            coalesce(round(unlimited_idle_s * 1e6), -1)::bigint as idle_us,
            coalesce(unlimited_donor_job_id, -1) as donor_job_id,
            coalesce(instance_count, 1) as instance_count,
            coalesce(usd_per_h / 3600, 'nan'::double) as usd_per_s,
            pool_savings.wait_saved_per_hit_s as wait_saved_s,
            pool_savings.billed_saved_per_hit_s as billed_saved_s,
            coalesce(keep_alive_period_s, -1) as own_s,
            coalesce(retained_s, -1) as recorded_s,
            {CREATED_DAY} as created_day
            {also}
        from job_facts
        semi join chosen using (pool_id)
        inner join pool_savings using (pool_id)
        where eligibility = 'eligible'
        order by {order_by}
        """,
        parameters | {"never": int(NEVER), "pool_ids": pool_ids},
    )


def jobs_from(columns: Mapping[str, NDArray[Any]]) -> Jobs:
    """Return the columns of `job_columns`, sorted by (pool, request, name), as jobs."""
    pool_id = columns["pool_id"].astype(np.int64)
    job_id = columns["job_id"]
    order = np.argsort(job_id)
    if len(order):
        found = np.searchsorted(job_id, columns["donor_job_id"], sorter=order)
        donor = np.where(columns["donor_job_id"] < 0, NO_JOB, order[found % len(order)])
    else:
        donor = order
    return Jobs(
        pool_id=pool_id,
        offsets=np.append(np.flatnonzero(np.diff(pool_id, prepend=-1)), len(pool_id)).astype(
            np.int64
        ),
        is_counted=columns["is_counted"],
        request_us=columns["request_us"],
        release_us=columns["release_us"],
        gap_us=columns["gap_us"],
        idle_us=columns["idle_us"],
        donor=donor.astype(np.int64),
        instance_count=columns["instance_count"].astype(np.int64),
        usd_per_s=columns["usd_per_s"],
        wait_saved_s=columns["wait_saved_s"],
        billed_saved_s=columns["billed_saved_s"],
        own_s=columns["own_s"].astype(np.int64),
        recorded_s=columns["recorded_s"].astype(np.float64),
        created_day=columns["created_day"].astype(np.int64),
    )


def idle_peaks(releases: Releases, periods_s: list[Int64s]) -> list[Int64s]:
    """Return, per pool, the most instances that were idle at once under each of its periods."""
    flat, bounds = _flat(periods_s)
    peaks = _idle_peaks(
        releases.offsets,
        releases.release_us,
        releases.idle_us,
        releases.instance_count,
        flat * 1_000_000,
        bounds,
    )
    return np.split(peaks, bounds[1:-1])


def long_chains(jobs: Jobs, periods_s: list[Int64s], longest_s: int) -> list[Int64s]:
    """Return, per pool, how many clusters are handed on for longer than AWS allows, per period."""
    flat, bounds = _flat(periods_s)
    counts = _long_chains(
        jobs.offsets,
        jobs.gap_us,
        jobs.donor,
        jobs.request_us,
        jobs.release_us,
        flat * 1_000_000,
        bounds,
        longest_s * 1_000_000,
    )
    return np.split(counts, bounds[1:-1])


def oldest_first_columns(jobs: Jobs, periods_s: Int64s) -> dict[str, Floats]:
    """Replay oldest-first reuse at each period; return sums as in the curve, by period and pool."""
    usd_per_s = np.nan_to_num(jobs.usd_per_s)
    hit_count, kept_us, of_hits, retained_usd = oldest_first_sums(
        jobs.offsets,
        jobs.request_us,
        jobs.release_us,
        jobs.is_counted,
        np.array([jobs.wait_saved_s, jobs.billed_saved_s * usd_per_s]),
        usd_per_s / 1e6,
        np.asarray(periods_s, dtype=np.int64) * 1_000_000,
    )
    is_priced = ~np.isnan(jobs.usd_per_s) & jobs.is_counted
    unknown = np.where(np.logical_or.reduceat(is_priced, jobs.offsets[:-1]), 0.0, np.nan)
    job_count = np.broadcast_to(
        np.add.reduceat(jobs.is_counted, jobs.offsets[:-1], dtype=np.int64), hit_count.shape
    )
    wait_saved_s, billed_saved_usd = of_hits
    return {
        "job_count": job_count,
        "hit_count": hit_count,
        "miss_count": job_count - hit_count,
        "hit_rate_ratio": ratios(hit_count, job_count),
        "retained_s": kept_us / 1e6,
        "retained_cost_usd": retained_usd + unknown,
        "wait_saved_s": wait_saved_s,
        "net_cost_usd": retained_usd - billed_saved_usd + unknown,
    }


def _flat(periods_s: list[Int64s]) -> tuple[Int64s, Int64s]:
    bounds = np.cumsum([0] + [len(periods) for periods in periods_s]).astype(np.int64)
    return np.concatenate([*periods_s, np.array([], dtype=np.int64)]).astype(np.int64), bounds


@njit(cache=True, parallel=True)
def _idle_peaks(
    offsets: Int64s,
    release_us: Int64s,
    idle_us: Int64s,
    instance_count: NDArray[np.int32],
    periods_us: Int64s,
    bounds: Int64s,
) -> Int64s:
    """Sweep releases, expiries and takeovers in time; an end comes before a start of an instant."""
    peaks = np.zeros(len(periods_us), np.int64)
    for pool in prange(len(offsets) - 1):
        first, last = offsets[pool], offsets[pool + 1]
        count = last - first
        # releases in time, and with a fixed period expiries in the same order
        by_release = first + np.argsort(release_us[first:last], kind="mergesort")
        reused_us = np.empty(count, np.int64)
        for position in range(count):
            job = first + position
            reused_us[position] = (
                NEVER if idle_us[job] == UNKNOWN else release_us[job] + idle_us[job]
            )
        by_reuse = np.argsort(reused_us, kind="mergesort")
        for place in range(bounds[pool], bounds[pool + 1]):
            period_us = periods_us[place]
            if period_us == 0:
                continue
            idle, peak = np.int64(0), np.int64(0)
            expired, reused = 0, 0
            for released in by_release:
                now_us = release_us[released]
                while expired < count:
                    job = by_release[expired]
                    if release_us[job] + period_us > now_us:
                        break
                    if idle_us[job] == UNKNOWN or idle_us[job] >= period_us:
                        idle -= instance_count[job]
                    expired += 1
                while reused < count and reused_us[by_reuse[reused]] <= now_us:
                    job = first + by_reuse[reused]
                    if idle_us[job] < period_us:
                        idle -= instance_count[job]
                    reused += 1
                idle += instance_count[released]
                peak = max(peak, idle)
            peaks[place] = peak
    return peaks


@njit(cache=True, parallel=True)
def _long_chains(
    offsets: Int64s,
    gap_us: Int64s,
    donor: Int64s,
    request_us: Int64s,
    release_us: Int64s,
    periods_us: Int64s,
    bounds: Int64s,
    longest_us: int,
) -> Int64s:
    counts = np.zeros(len(periods_us), np.int64)
    for pool in prange(len(offsets) - 1):
        first, last = offsets[pool], offsets[pool + 1]
        own_donor = donor[first:last] - first
        for place in range(bounds[pool], bounds[pool + 1]):
            counts[place] = long_chain_count(
                gap_us[first:last],
                own_donor,
                request_us[first:last],
                release_us[first:last],
                periods_us[place],
                longest_us,
            )
    return counts
