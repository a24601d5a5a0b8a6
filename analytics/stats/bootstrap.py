"""How sure a gain is: a block bootstrap whose blocks are days.

Jobs of one day hang together (sweeps, people at work), so whole days are drawn with replacement
(Kuensch 1989, with blocks of a day). Days without jobs are drawn as well: they gain nothing.
"""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Int64s = NDArray[np.int64]

RESAMPLES = 200
LOW, HIGH = 0.05, 0.95
# any number: the same history gives the same interval
_SEED = 730


def interval(bounds: Int64s, day: Int64s, gain: Floats, day_count: Int64s) -> tuple[Floats, Floats]:
    """Return the 90 % interval of each group's mean gain a day.

    Args:
        bounds: where each group's days begin in `day` and `gain`; one more at the end.
        day: the days with jobs, counted from the group's first.
        gain: what each of them gained.
        day_count: how many days each group was observed.
    """
    longest = int(day_count.max()) if len(day_count) else 0
    # drawn once for all groups, which is as good for each of them; a row a day, so that a group's
    # draws do not depend on how long the others were observed
    draws = np.random.default_rng(_SEED).random((longest, RESAMPLES), dtype=np.float32)
    means = _resampled(bounds, day, gain, day_count, draws)
    low, high = np.quantile(means, [LOW, HIGH], axis=1)
    return low, high


@njit(cache=True, parallel=True)
def _resampled(
    bounds: Int64s, day: Int64s, gain: Floats, day_count: Int64s, draws: NDArray[np.float32]
) -> Floats:
    times = draws.shape[1]
    means = np.zeros((len(day_count), times))
    for group in prange(len(day_count)):
        days = day_count[group]
        first, last = bounds[group], bounds[group + 1]
        if first == last:
            continue
        by_day = np.zeros(days)
        for row in range(first, last):
            by_day[day[row]] += gain[row]
        for drawn in range(days):
            for again in range(times):
                # a draw just below 1 may round up to the number of days
                means[group, again] += by_day[min(int(draws[drawn, again] * days), days - 1)]
        means[group] /= days
    return means
