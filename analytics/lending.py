"""Whose idle capacity a share may borrow, and whose it was: one rule for records and replays.

AWS lets a share borrow "idle capacity from an underutilized share", up to a limit of what it can
"borrow from other shares" (API reference, QuotaShareResourceSharingConfiguration). So capacity that
is in no quota is lent to nobody, nor is that of a share that reserves it. Records may say that it
was used all the same: then it is counted as lent, after all that lenders had.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def lendable_quotas(quota: NDArray[np.int64], is_lending: NDArray[np.bool_]) -> np.int64:
    """Return what shares lend in all while they use nothing themselves: the quotas of lenders.

    >>> int(lendable_quotas(np.array([60, 40]), np.array([True, False])))
    60
    """
    total: np.int64 = (quota * is_lending).sum()
    return total


@njit(cache=True)
def lent_by(
    borrowed: float, lendable: float, unowned: float, kept: float
) -> tuple[float, float, float]:
    """Return what was borrowed of lenders, of nobody and of shares that reserve, in this order.

    The amounts are what each of them leaves unused.

    >>> lent_by(15.0, 10.0, 3.0, 9.0)
    (10.0, 3.0, 2.0)
    """
    of_lenders = min(borrowed, lendable)
    of_nobody = min(borrowed - of_lenders, unowned)
    return of_lenders, of_nobody, min(borrowed - of_lenders - of_nobody, kept)
