"""Clusters over time in steps: how much of each step they started, ran and idled."""

import numpy as np
from numpy.typing import NDArray

from analytics.derived.matching import Int64s

Floats = NDArray[np.float64]

MOST_BINS = 200
# widths that a reader can count in: minutes, hours, days, weeks
STEPS_S = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 2 * 86_400, 7 * 86_400,
           14 * 86_400, 28 * 86_400)  # fmt: skip


def round_step_s(length_s: float) -> int:
    """Return the shortest round step that cuts a length into at most MOST_BINS.

    >>> round_step_s(86_400), round_step_s(90 * 86_400), round_step_s(0)
    (900, 43200, 60)
    """
    # one more: the first and the last bin may be cut
    for step_s in STEPS_S:
        if length_s / step_s <= MOST_BINS - 1:
            return step_s
    longest_s = STEPS_S[-1]
    return int(np.ceil(length_s / (MOST_BINS - 1) / longest_s)) * longest_s


def seconds_per_bin(edges_us: Int64s, begin_us: Int64s, end_us: Int64s) -> Floats:
    """Return how many seconds of the spans lie in each bin between two edges.

    >>> minutes = np.array([0, 60, 120]) * 10**6
    >>> seconds_per_bin(minutes, np.array([30 * 10**6]), np.array([90 * 10**6]))
    array([30., 30.])
    """
    return np.diff(_seconds_before(edges_us, begin_us) - _seconds_before(edges_us, end_us))


def _seconds_before(edges_us: Int64s, instants_us: Int64s) -> Floats:
    """Return, per edge, the sum of (edge - instant) over the instants before it, s."""
    origin_us = edges_us[0]
    at_s = np.sort((instants_us - origin_us) / 1e6)
    edges_s = (edges_us - origin_us) / 1e6
    count = np.searchsorted(at_s, edges_s)
    sums = np.concatenate([[0.0], np.cumsum(at_s)])
    return np.asarray(count * edges_s - sums[count])


def count_per_bin(edges_us: Int64s, instants_us: Int64s) -> Int64s:
    """Return how many instants lie in each bin: at its start or after, and before its end."""
    return np.diff(np.searchsorted(np.sort(instants_us), edges_us, side="left"))
