"""The interval of a quantile, without resampling.

The bootstrap distribution of an order statistic needs no resampling: the k-th of n is at most the
j-th of the sample with probability I(j/n; k, n - k + 1), the regularised incomplete beta function
(Efron 1979; Hutson and Ernst 2000). Its 5 % and 95 % points are exact, and the same on every run.
"""

import numpy as np
from scipy.special import betaincinv

INTERVAL = 0.9


def is_bounded_above(share: float, count: int) -> bool:
    """Return whether a sample of this size bounds a quantile from above, whatever its distribution.

    Its largest value lies below the quantile with probability share ** count: only where that is
    within the upper tail of the interval is there a bound.

    >>> is_bounded_above(0.9, 28), is_bounded_above(0.9, 29), is_bounded_above(0.5, 5)
    (False, True, True)
    """
    return bool(share**count <= (1 - INTERVAL) / 2)


def interval_shares(share: float, count: int) -> tuple[float, float]:
    """Return the sample shares of the 90 % bootstrap interval of a quantile.

    `share` and the result are positions in the sorted sample, 0 for its least and 1 for its largest
    value; `count` is the sample's size.

    >>> low, high = interval_shares(0.5, 101)
    >>> round(low * 100), round(high * 100)
    (42, 58)
    """
    if count < 2:
        return share, share
    rank = share * (count - 1) + 1
    tail = (1 - INTERVAL) / 2
    low, high = betaincinv(rank, count - rank + 1, [tail, 1 - tail])
    return tuple(
        (min(max(np.ceil(count * point), 1), count) - 1) / (count - 1) for point in (low, high)
    )
