"""The jobs of several parts as one pool: matched together, beside each part alone.

Definition: docs/metrics/pool_merges.md. A part is a pool, or what one user does in it. A unit is a
list of parts whose jobs share clusters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from analytics.derived.matching import NEVER, UNKNOWN, newest_first
from analytics.keep_alive.gains import OwnMatches, own_matches
from analytics.keep_alive.replay import Jobs

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Parts:
    """The jobs of all parts, part by part, and what their own periods did, each part alone."""

    jobs: Jobs
    """`offsets` are those of the parts; `gap_us` and `idle_us` are of each part alone."""
    rank: Int64s
    """The place of each job among all, by request and name."""
    own: OwnMatches
    cold_s: Floats
    """Each job's startup latency without a warm cluster; NaN: unknown, or not asked for."""

    def __len__(self) -> int:
        """Return how many parts there are."""
        return len(self.jobs.offsets) - 1

    @property
    def sizes(self) -> Int64s:
        """How many jobs each part has."""
        return np.diff(self.jobs.offsets)


def parts_of(jobs: Jobs, rank: Int64s, cold_s: Floats | None = None) -> Parts:
    """Return parts, each matched alone; the jobs are sorted by (part, rank)."""
    if cold_s is None:
        cold_s = np.full(len(rank), np.nan)
    gap_us, _, idle_us = newest_first(jobs.offsets, jobs.request_us, jobs.release_us)
    number = np.repeat(np.arange(len(jobs.offsets) - 1), np.diff(jobs.offsets))
    alone = replace(jobs, pool_id=number, gap_us=gap_us, idle_us=idle_us)
    return Parts(alone, rank, own_matches(alone), cold_s)


def jobs_of(parts: Parts, units: Sequence[Sequence[int]]) -> tuple[Int64s, Int64s]:
    """Return the positions of the jobs of each unit by rank, and where each unit's begin."""
    members = np.array([part for unit in units for part in unit], dtype=np.int64)
    bounds = np.cumsum([0] + [len(unit) for unit in units]).astype(np.int64)
    sizes = np.concatenate([[0], np.cumsum(parts.sizes[members])])
    offsets = sizes[bounds].astype(np.int64)
    return _jobs_of(members, bounds, parts.jobs.offsets, parts.rank, offsets), offsets


def unite(parts: Parts, units: Sequence[Sequence[int]]) -> tuple[Jobs, OwnMatches]:
    """Return the jobs of units, each matched as one pool, beside what their own periods did alone.

    The order of the parts in a unit does not matter.
    """
    index, offsets = jobs_of(parts, units)
    of = parts.jobs
    request_us, release_us = of.request_us[index], of.release_us[index]
    gap_us, donor, idle_us = newest_first(offsets, request_us, release_us)
    united = Jobs(
        pool_id=np.repeat(np.arange(len(units)), np.diff(offsets)),
        offsets=offsets,
        is_counted=of.is_counted[index],
        request_us=request_us,
        release_us=release_us,
        gap_us=gap_us,
        idle_us=idle_us,
        donor=donor,
        instance_count=of.instance_count[index],
        usd_per_s=of.usd_per_s[index],
        wait_saved_s=of.wait_saved_s[index],
        billed_saved_s=of.billed_saved_s[index],
        own_s=of.own_s[index],
        recorded_s=of.recorded_s[index],
        created_day=of.created_day[index],
    )
    return united, OwnMatches(parts.own.gap_us[index], parts.own.idle_us[index])


@njit(cache=True, parallel=True)
def _jobs_of(
    members: Int64s, bounds: Int64s, offsets: Int64s, rank: Int64s, unit_offsets: Int64s
) -> Int64s:
    """Return the positions of the jobs of each unit, in the order of their ranks."""
    index = np.empty(unit_offsets[-1], np.int64)
    for unit in prange(len(bounds) - 1):
        first, last = unit_offsets[unit], unit_offsets[unit + 1]
        place = first
        for position in range(bounds[unit], bounds[unit + 1]):
            part = members[position]
            for job in range(offsets[part], offsets[part + 1]):
                index[place] = job
                place += 1
        if bounds[unit + 1] - bounds[unit] > 1:
            order = np.argsort(rank[index[first:last]], kind="mergesort")
            index[first:last] = index[first:last][order]
    return index


def least_costs(jobs: Jobs, periods_s: Int64s, value_usd_per_h: float) -> Floats:
    """Return what each unit costs at the cheapest of the periods, USD, in hindsight.

    It is idle time, billed startup of misses and the value of their wait; in seconds of one cluster
    where no price is known. Jobs without a price count for nothing where others have one.
    """
    return np.asarray(
        _least_costs(
            jobs.offsets,
            jobs.is_counted,
            jobs.gap_us,
            jobs.idle_us,
            jobs.release_us != NEVER,
            jobs.usd_per_s,
            jobs.wait_saved_s,
            jobs.billed_saved_s,
            periods_s * 1_000_000,
            value_usd_per_h / 3600,
        )
    )


@njit(cache=True, parallel=True)
def _least_costs(
    offsets: Int64s,
    is_counted: NDArray[np.bool_],
    gap_us: Int64s,
    idle_us: Int64s,
    is_releasing: NDArray[np.bool_],
    usd_per_s: Floats,
    wait_saved_s: Floats,
    billed_saved_s: Floats,
    periods_us: Int64s,
    value_usd_per_s: float,
) -> Floats:
    width = len(periods_us)
    least = np.empty(len(offsets) - 1)
    for unit in prange(len(offsets) - 1):
        has_price = False
        for job in range(offsets[unit], offsets[unit + 1]):
            has_price |= is_counted[job] and not np.isnan(usd_per_s[job])
        # changes from a period to the next, which running sums then add up
        fixed, running = np.zeros(width + 1), np.zeros(width + 1)
        for job in range(offsets[unit], offsets[unit + 1]):
            is_priced = not np.isnan(usd_per_s[job])
            if not is_counted[job] or (has_price and not is_priced):
                continue
            usd = usd_per_s[job] if is_priced else 1.0
            miss_usd = billed_saved_s[job] * usd + wait_saved_s[job] * value_usd_per_s
            fixed[0] += miss_usd
            if gap_us[job] != UNKNOWN:
                fixed[np.searchsorted(periods_us, gap_us[job], side="right")] -= miss_usd
            if is_releasing[job]:
                place = width
                if idle_us[job] != UNKNOWN:
                    place = np.searchsorted(periods_us, idle_us[job], side="right")
                    fixed[place] += idle_us[job] / 1e6 * usd
                running[0] += usd
                running[place] -= usd
        best, so_far, kept = np.inf, 0.0, 0.0
        for place in range(width):
            so_far += fixed[place]
            kept += running[place]
            best = min(best, so_far + kept * periods_us[place] / 1e6)
        least[unit] = best
    return least


def has_price(jobs: Jobs, from_day: Int64s) -> NDArray[np.bool_]:
    """Whether the price of any job of each unit is known, from a day on."""
    is_priced = jobs.is_counted & ~np.isnan(jobs.usd_per_s)
    is_priced &= jobs.created_day >= from_day[jobs.pool_id]
    return np.bincount(jobs.pool_id[is_priced], minlength=len(from_day)) > 0


def costs_today(jobs: Jobs, own: OwnMatches, value_usd_per_h: float, from_day: Int64s) -> Floats:
    """Return what each unit costs with its jobs' own periods from a day on, as `least_costs`."""
    unit = jobs.pool_id
    is_priced = ~np.isnan(jobs.usd_per_s)
    is_counted = jobs.is_counted & (jobs.created_day >= from_day[unit])
    counts = is_counted & (is_priced | ~has_price(jobs, from_day)[unit])
    usd = np.where(is_priced, jobs.usd_per_s, 1.0)
    miss_usd = jobs.billed_saved_s * usd + jobs.wait_saved_s * value_usd_per_h / 3600
    kept_us = np.where(own.idle_us == UNKNOWN, np.maximum(jobs.own_s, 0) * 1e6, own.idle_us)
    kept_us = np.where(jobs.release_us != NEVER, kept_us, 0.0)
    usd_of_job = np.where(own.gap_us == UNKNOWN, miss_usd, 0.0) + kept_us / 1e6 * usd
    usd_of_unit = np.bincount(unit[counts], usd_of_job[counts], minlength=len(from_day))
    return usd_of_unit.astype(np.float64)
