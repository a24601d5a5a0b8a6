"""What every period would have changed against each job's own, block of days by block of days.

Definition: docs/metrics/net_gain_usd_per_month.md. Nothing here depends on the cost of delay or on
the longest period allowed: it is made once, and judged for each objective.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from analytics.derived.matching import NEVER, UNKNOWN, newest_kept_first
from analytics.keep_alive.curve import NO_PERIOD, Curves, Floats, Int64s, thinned
from analytics.keep_alive.replay import Jobs

LONGEST_S, USUAL_LIMIT_S = 21_600, 3_600
# as many periods are weighed against each other on part of the days; the advised one is exact
PERIODS, LONGER_PERIODS = 96, 16
DAYS_EACH_A_BLOCK, WEEK_DAYS = 91, 7


@dataclass(frozen=True, slots=True)
class Gains:
    """Changes of several groups of jobs, each a table of blocks of days by periods, in flat arrays.

    The periods of group i are those from `bounds[i]` to `bounds[i + 1]`; its cells begin at
    `cells[i]`, the periods of a block side by side. `own_...` are what the jobs' own periods did.
    """

    first_day: Int64s
    block_days: Int64s
    block_count: Int64s
    bounds: Int64s
    periods_s: Int64s
    cells: Int64s
    hit_count: NDArray[Any]
    wait_saved_s: NDArray[Any]
    idle_usd: NDArray[Any]
    billed_saved_usd: NDArray[Any]
    own_wait_saved_s: Floats
    own_idle_usd: Floats
    own_billed_saved_usd: Floats
    replayed_s: Floats
    """What the own periods retain of those clusters of which AWS recorded how long they were."""
    recorded_s: Floats
    recorded_count: Int64s


def block_lengths(day_count: Int64s) -> Int64s:
    """Return the days of a block: one each up to a quarter, else so many weeks.

    >>> block_lengths(np.array([28, 91, 92, 365, 1825])).tolist()
    [1, 1, 7, 7, 21]
    """
    weeks = -(-day_count // (DAYS_EACH_A_BLOCK * WEEK_DAYS))
    return np.where(day_count <= DAYS_EACH_A_BLOCK, 1, weeks * WEEK_DAYS)


def weighed_periods(curves: Curves, current_s: Int64s) -> tuple[Int64s, Int64s]:
    """Return the periods that each group's days are weighed at, and where each group's begin."""
    group, periods_s = curves.candidates(LONGEST_S)
    starts = np.searchsorted(group, np.arange(len(curves) + 1))
    of_group = (periods_s[first:last] for first, last in pairwise(starts))
    return weighed(of_group, current_s)


def weighed(candidates_s: Iterable[Int64s], current_s: Int64s) -> tuple[Int64s, Int64s]:
    """Return of each group's periods those that are weighed, today's among them, and the bounds."""
    found = []
    for periods_s, now_s in zip(candidates_s, current_s, strict=True):
        own = periods_s
        if len(own) > PERIODS:
            usual = np.searchsorted(own, USUAL_LIMIT_S, side="right")
            parts = [thinned(own[:usual], PERIODS), thinned(own[usual:], LONGER_PERIODS)]
            own = np.concatenate(parts)
        if now_s != NO_PERIOD:
            own = np.union1d(own, [now_s])
        found.append(own)
    bounds = np.cumsum([0] + [len(own) for own in found])
    return np.concatenate(found).astype(np.int64), bounds.astype(np.int64)


@dataclass(frozen=True, slots=True)
class OwnMatches:
    """What every cluster kept for its own job's period did, job by job; UNKNOWN: none."""

    gap_us: Int64s
    idle_us: Int64s


def own_matches(jobs: Jobs) -> OwnMatches:
    """Replay each pool with every job's own period; an unknown one counts as none."""
    gap_us, _, idle_us = newest_kept_first(
        jobs.offsets, jobs.request_us, jobs.release_us, own_us(jobs)
    )
    return OwnMatches(gap_us, idle_us)


def own_us(jobs: Jobs) -> Int64s:
    """Return each job's own period in microseconds; 0 where it is unknown."""
    return np.asarray(np.maximum(jobs.own_s, 0) * 1_000_000)


def gather_gains(
    parts: Iterable[Jobs],
    curves: Curves,
    *,
    current_s: Int64s,
    first_day: Int64s,
    day_count: Int64s,
    together: bool,
) -> Gains:
    """Return the gains of the counted jobs of each pool from its first day on, or of all as one."""
    return tabulate(
        ((jobs, own_matches(jobs)) for jobs in parts),
        weighed_periods(curves, current_s),
        curves.has_price,
        first_day=first_day,
        day_count=day_count,
        together=together,
    )


def tabulate(
    parts: Iterable[tuple[Jobs, OwnMatches]],
    weighed_at: tuple[Int64s, Int64s],
    has_price: NDArray[np.bool_],
    *,
    first_day: Int64s,
    day_count: Int64s,
    together: bool,
) -> Gains:
    """Return the gains of jobs over what their own periods did, at the periods weighed."""
    periods_s, bounds = weighed_at
    block_days = block_lengths(day_count)
    block_count = -(-day_count // block_days)
    cells = np.concatenate([[0], np.cumsum(block_count * np.diff(bounds))]).astype(np.int64)
    count = len(first_day)
    tables = [np.zeros(cells[-1], dtype=np.float32) for _ in range(4)]
    owns = np.zeros((count, 5))
    recorded_count = np.zeros(count, dtype=np.int64)
    for jobs, own in parts:
        pools = len(jobs.offsets) - 1
        _add(
            np.array([0, pools]) if together else np.arange(pools + 1),
            jobs.offsets,
            jobs.is_counted,
            jobs.created_day,
            jobs.gap_us,
            jobs.idle_us,
            jobs.release_us != NEVER,
            own_us(jobs),
            own.gap_us,
            own.idle_us,
            jobs.recorded_s,
            jobs.usd_per_s,
            jobs.wait_saved_s,
            jobs.billed_saved_s,
            has_price,
            first_day,
            block_days,
            bounds,
            periods_s * 1_000_000,
            cells,
            tables[0],
            tables[1],
            tables[2],
            tables[3],
            owns,
            recorded_count,
        )
    return Gains(
        first_day=first_day,
        block_days=block_days,
        block_count=block_count,
        bounds=bounds,
        periods_s=periods_s,
        cells=cells,
        hit_count=tables[0],
        wait_saved_s=tables[1],
        idle_usd=tables[2],
        billed_saved_usd=tables[3],
        own_wait_saved_s=owns[:, 0],
        own_idle_usd=owns[:, 1],
        own_billed_saved_usd=owns[:, 2],
        replayed_s=owns[:, 3],
        recorded_s=owns[:, 4],
        recorded_count=recorded_count,
    )


@njit(cache=True, parallel=True)
def _add(
    pools: Int64s,
    offsets: Int64s,
    is_counted: NDArray[np.bool_],
    created_day: Int64s,
    gap_us: Int64s,
    idle_us: Int64s,
    is_releasing: NDArray[np.bool_],
    own_us: Int64s,
    own_gap_us: Int64s,
    own_idle_us: Int64s,
    recorded_s: Floats,
    usd_per_s: Floats,
    wait_saved_s: Floats,
    billed_saved_s: Floats,
    has_price: NDArray[np.bool_],
    first_day: Int64s,
    block_days: Int64s,
    bounds: Int64s,
    periods_us: Int64s,
    cells: Int64s,
    hits: NDArray[Any],
    waits: NDArray[Any],
    idles: NDArray[Any],
    billed: NDArray[Any],
    owns: Floats,
    recorded_count: Int64s,
) -> None:
    """Add jobs to the tables; group g has the pools from `pools[g]` to `pools[g + 1]`."""
    for group in prange(len(pools) - 1):
        periods = periods_us[bounds[group] : bounds[group + 1]]
        width = len(periods)
        blocks = (cells[group + 1] - cells[group]) // width
        # changes from a period to the next, which running sums then add up
        more_hits = np.zeros((blocks, width + 1))
        more_wait = np.zeros((blocks, width + 1))
        more_billed = np.zeros((blocks, width + 1))
        ended_usd = np.zeros((blocks, width + 1))
        running_usd = np.zeros((blocks, width + 1))
        own = np.zeros((blocks, 4))
        for job in range(offsets[pools[group]], offsets[pools[group + 1]]):
            if not is_counted[job] or created_day[job] < first_day[group]:
                continue
            # jobs without a price are left out where others have one; where none has, the
            # unit is a second of one cluster
            is_priced = not np.isnan(usd_per_s[job])
            if has_price[group] and not is_priced:
                continue
            usd = usd_per_s[job] if is_priced else 1.0
            block = (created_day[job] - first_day[group]) // block_days[group]
            saved_usd = billed_saved_s[job] * usd
            if gap_us[job] != UNKNOWN:
                place = np.searchsorted(periods, gap_us[job], side="right")
                more_hits[block, place] += 1
                more_wait[block, place] += wait_saved_s[job]
                more_billed[block, place] += saved_usd
            if own_gap_us[job] != UNKNOWN:
                own[block, 0] += 1
                own[block, 1] += wait_saved_s[job]
                own[block, 3] += saved_usd
            if is_releasing[job]:
                place = width
                if idle_us[job] != UNKNOWN:
                    place = np.searchsorted(periods, idle_us[job], side="right")
                    ended_usd[block, place] += idle_us[job] / 1e6 * usd
                running_usd[block, 0] += usd
                running_usd[block, place] -= usd
                kept_us = own_us[job] if own_idle_us[job] == UNKNOWN else own_idle_us[job]
                own[block, 2] += kept_us / 1e6 * usd
                if own_us[job] > 0 and recorded_s[job] >= 0:
                    owns[group, 3] += kept_us / 1e6
                    owns[group, 4] += recorded_s[job]
                    recorded_count[group] += 1
        for block in range(blocks):
            hit, wait, paid, ended, running = 0.0, 0.0, 0.0, 0.0, 0.0
            for place in range(width):
                hit += more_hits[block, place]
                wait += more_wait[block, place]
                paid += more_billed[block, place]
                ended += ended_usd[block, place]
                running += running_usd[block, place]
                cell = cells[group] + block * width + place
                hits[cell] += hit - own[block, 0]
                waits[cell] += wait - own[block, 1]
                idles[cell] += ended + running * periods[place] / 1e6 - own[block, 2]
                billed[cell] += paid - own[block, 3]
            owns[group, 0] += own[block, 1]
            owns[group, 1] += own[block, 2]
            owns[group, 2] += own[block, 3]
