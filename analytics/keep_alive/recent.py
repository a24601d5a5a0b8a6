"""Which part of a pool's history is like its present: since the last change of rate or gaps.

Definition: docs/metrics/keep_alive_advice.md.
"""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from analytics.derived.matching import UNKNOWN
from analytics.keep_alive.curve import Int64s
from analytics.keep_alive.gains import LONGEST_S
from analytics.keep_alive.replay import Jobs
from analytics.stats.change_points import last_change

LEAST_CHANGE_RATIO = 2.0
"""By what factor the jobs of a day, or the usual gap, must change."""

SILENT_DAYS, SILENT_RATIO = 7, 2.0
"""A pool is silent after so many days, and so many times its longest pause, without a job."""


def recent_from(jobs: Jobs, first_day: Int64s, last_day: Int64s) -> tuple[Int64s, Int64s]:
    """Return the first day of each pool's recent part, and the longest pause in it, days."""
    return _recent_from(
        jobs.offsets,
        jobs.is_counted,
        jobs.created_day,
        jobs.gap_us,
        first_day,
        last_day,
    )


def is_silent(silent_days: Int64s, longest_pause_days: Int64s) -> NDArray[np.bool_]:
    """Return which pools are no longer used, by the days since their last job."""
    return (silent_days >= SILENT_DAYS) & (silent_days > SILENT_RATIO * longest_pause_days)


@njit(cache=True)
def _recent_part(
    created_day: Int64s, is_counted: NDArray[np.bool_], gap_us: Int64s, first_day: int, days: int
) -> tuple[int, int]:
    """Return one pool's first recent day, counted from its first, and its longest pause."""
    count, gaps = np.zeros(days), np.zeros(days)
    last, first = -1, days
    for job in range(len(created_day)):
        day = created_day[job] - first_day
        if not is_counted[job] or day < 0 or day >= days:
            continue
        # beyond the longest period all gaps are alike: none is ever hit
        gap_s = float(LONGEST_S)
        if gap_us[job] != UNKNOWN:
            gap_s = min(gap_us[job] / 1e6, gap_s)
        count[day] += 1
        gaps[day] += np.log(1 + gap_s)
        last, first = max(last, day), min(first, day)
    if last < 0:
        return 0, 0
    # what comes before the first job and after the last is no change: it is silence
    busy, usual = count[first : last + 1], np.full(last + 1 - first, np.nan)
    for day in range(len(busy)):
        if busy[day] > 0:
            usual[day] = gaps[first + day] / busy[day]
    began = max(
        last_change(busy, LEAST_CHANGE_RATIO, False), last_change(usual, LEAST_CHANGE_RATIO, True)
    )
    before, pause = -1, 0
    for day in range(first + began, last + 1):
        if count[day] > 0:
            if before >= 0:
                pause = max(pause, day - before)
            before = day
    return (first + began if began > 0 else 0), pause


@njit(cache=True, parallel=True)
def _recent_from(
    offsets: Int64s,
    is_counted: NDArray[np.bool_],
    created_day: Int64s,
    gap_us: Int64s,
    first_day: Int64s,
    last_day: Int64s,
) -> tuple[Int64s, Int64s]:
    from_day, longest_pause = np.empty_like(first_day), np.empty_like(first_day)
    for pool in prange(len(first_day)):
        first, last = offsets[pool], offsets[pool + 1]
        began, pause = _recent_part(
            created_day[first:last],
            is_counted[first:last],
            gap_us[first:last],
            first_day[pool],
            last_day[pool] - first_day[pool] + 1,
        )
        from_day[pool] = first_day[pool] + began
        longest_pause[pool] = pause
    return from_day, longest_pause
