"""The most that a period can cost against hindsight: keeping a cluster is renting skis.

Karlin et al. (1988): who pays for idle time until it has cost as much as the cold start that it
avoids (the break-even period B) never pays more than twice what hindsight would.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def break_even_s(
    billed_saved_s: "pd.Series[float]",
    wait_saved_s: "pd.Series[float]",
    usd_per_h: "pd.Series[float]",
    value_usd_per_h: float,
) -> Floats:
    """Return the idle time that costs as much as one hit saves, s; NaN without a price it needs."""
    worth_s = wait_saved_s * (value_usd_per_h / usd_per_h) if value_usd_per_h else 0.0
    return np.asarray(billed_saved_s + worth_s, dtype=np.float64)


def worst_case_ratio(period_s: NDArray[np.int64], even_s: Floats) -> Floats:
    """Return 1 + max(T/B, B/T): 2 at T = B, and NaN where nothing bounds it.

    >>> worst_case_ratio(np.array([60, 120, 0]), np.array([60.0, 60.0, 60.0])).tolist()
    [2.0, 3.0, nan]
    """
    is_bounded = (period_s > 0) & (even_s > 0)
    ratio = np.divide(period_s, even_s, out=np.full(len(even_s), np.nan), where=is_bounded)
    bound = 1 + np.fmax(ratio, 1 / ratio)
    # no cluster is kept, and none would save anything
    return np.where((period_s == 0) & (even_s == 0), 1.0, bound)
