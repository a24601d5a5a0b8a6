"""What each quota share may hold: its own quota, what it may borrow, and what is lent already.

Lenders' unused quota may be borrowed, as far as it is not lent out; what is in no quota is used by
nobody, and a RESERVE share's unused quota stays unused. Amounts are in millionths.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics.share_replay.requests import Int64s, Whole

USED, CAPACITY, LENDABLE, BORROWED = 0, 1, 2, 3
"""Places in `Held.totals`; LENDABLE is the unused quota of lenders, lent out or not."""


class Quotas(NamedTuple):
    """The settings of the shares, by number; share i's jobs take `first[i]` to `first[i + 1]`."""

    of_job: Int64s
    first: Int64s
    quota: Int64s
    limit: Int64s  # the most that it may borrow; 0 for a share that does not
    is_lending: NDArray[np.bool_]
    is_borrowing: NDArray[np.bool_]
    is_preempting: NDArray[np.bool_]  # in-share
    most: Int64s  # the most that it can ever hold
    priority_level: Int64s  # of each job: position of its priority among all, ascending
    retries: int  # -1: without limit


class Held(NamedTuple):
    """What the shares hold now."""

    used: Int64s
    totals: Int64s


@njit(cache=True)
def own_idle(quotas: Quotas, held: Held, share: Whole) -> Whole:
    """Return the part of a share's quota that it does not use itself."""
    idle: Whole = max(0, quotas.quota[share] - held.used[share])
    return idle


@njit(cache=True)
def borrowed(quotas: Quotas, held: Held, share: Whole) -> Whole:
    """Return what a share holds above its quota."""
    over: Whole = max(0, held.used[share] - quotas.quota[share])
    return over


@njit(cache=True)
def hold(quotas: Quotas, held: Held, share: Whole, size: Whole) -> None:
    """Let a share hold so much more, or less where `size` is negative."""
    for sign in (-1, 1):
        if quotas.is_lending[share]:
            held.totals[LENDABLE] += sign * own_idle(quotas, held, share)
        held.totals[BORROWED] += sign * borrowed(quotas, held, share)
        if sign < 0:
            held.used[share] += size
            held.totals[USED] += size


@njit(cache=True)
def room_of(quotas: Quotas, held: Held, share: Whole) -> Whole:
    """Return the size of the largest job that a share may start without preemption."""
    idle = own_idle(quotas, held, share)
    lendable = held.totals[LENDABLE] - held.totals[BORROWED]  # and not lent out
    own: Whole = min(idle, lendable) if quotas.is_lending[share] else idle
    if own == idle and quotas.is_borrowing[share]:
        of_others = lendable - idle if quotas.is_lending[share] else lendable
        own += max(0, min(of_others, quotas.limit[share] - borrowed(quotas, held, share)))
    own = min(own, held.totals[CAPACITY] - held.totals[USED])
    return own


@njit(cache=True)
def lack(quotas: Quotas, held: Held, share: Whole, size: Whole) -> Whole:
    """Return how much borrowed capacity must come back for a job within its share's own quota."""
    missing: Whole = held.totals[USED] + size - held.totals[CAPACITY]
    if quotas.is_lending[share]:
        missing = max(missing, held.totals[BORROWED] - held.totals[LENDABLE] + size)
    return missing
