"""The frontier of two things that should both be small, such as time and cost."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def is_on_frontier(time: NDArray[np.float64], cost: NDArray[np.float64]) -> pd.arrays.BooleanArray:
    """Return whether no other point is at least as good in both, and better in one; NA if unknown.

    >>> is_on_frontier(np.array([2.0, 1.0, 2.0, 3.0]), np.array([1.0, 2.0, 2.0, np.nan])).tolist()
    [True, True, False, <NA>]
    """
    unknown = np.isnan(time) | np.isnan(cost)
    on = np.zeros(len(time), dtype=bool)
    least_cost, least_at = np.inf, np.nan
    # by time, then cost: a point counts if it is cheaper than all that are faster
    for place in np.lexsort((cost, time)):
        if unknown[place]:
            continue
        is_equal = time[place] == least_at and cost[place] == least_cost
        if cost[place] < least_cost or is_equal:
            on[place] = True
            least_cost, least_at = cost[place], time[place]
    return pd.arrays.BooleanArray(on, unknown)
