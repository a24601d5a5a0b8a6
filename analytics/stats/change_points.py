"""The last change in a series of days: ranks, summed up, drift away from 0 where a level changes.

Pettitt (1979): under no change the running sum of centred ranks is a Brownian bridge, whose
largest distance from 0 exceeds x with a probability of about 2 exp(-2 x^2). A change counts only
where it is large as well, since long histories make small ones sure.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_DAYS = 7
"""Days on either side of a change."""

# 2 exp(-2 x^2) = 0.001: pools are many, and a false change costs most of their history
_SURE = 1.95


@njit(cache=True)
def last_change(series: Floats, least_ratio: float, is_log: bool) -> int:
    """Return where the part after the last change begins in a series of days; 0 without one.

    NaN are days without a value. The levels before and after must differ by the factor
    `least_ratio`; `is_log` says that the series has logarithms.
    """
    began = 0
    while True:
        place = _change(series[began:], least_ratio, is_log)
        if place == 0:
            return began
        began += place


@njit(cache=True)
def _change(series: Floats, least_ratio: float, is_log: bool) -> int:
    known = np.flatnonzero(~np.isnan(series))
    count = len(known)
    if count < 2 * LEAST_DAYS:
        return 0
    values = series[known]
    order = np.argsort(values, kind="mergesort")
    ranks = np.empty(count)
    first = 0
    while first < count:
        last = first
        while last + 1 < count and values[order[last + 1]] == values[order[first]]:
            last += 1
        for place in range(first, last + 1):
            ranks[order[place]] = (first + last) / 2
        first = last + 1
    ranks -= (count - 1) / 2
    spread = np.sqrt((ranks * ranks).sum())
    if spread == 0:
        return 0
    total, most, split = 0.0, 0.0, 0
    for place in range(count - 1):
        total += ranks[place]
        is_inside = LEAST_DAYS <= place + 1 <= count - LEAST_DAYS
        if is_inside and abs(total) > most:
            most, split = abs(total), place + 1
    if most / spread < _SURE:
        return 0
    before, after = values[:split].mean(), values[split:].mean()
    if is_log:
        is_large = abs(after - before) >= np.log(least_ratio)
    else:
        is_large = max(before, after) >= least_ratio * max(min(before, after), 1e-9)
    return int(known[split]) if is_large else 0
