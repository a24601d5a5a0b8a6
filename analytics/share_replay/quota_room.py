"""What each quota share may hold: its own quota, what it may borrow, and what is lent already.

Lenders' unused quota may be borrowed, as far as it is not lent out (analytics/lending.py says
whose that is). Amounts are in millionths.
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
    is_preempting: NDArray[np.bool_]  # in-share
    most: Int64s  # the most that it can ever hold
    priority_level: Int64s  # of each job: position of its priority among all, ascending
    retries: Int64s  # of each job: preemptions that it is queued again after; -1: without limit


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
    room: Whole = room_at(
        held.used[share],
        quotas.quota[share],
        quotas.limit[share],
        quotas.is_lending[share],
        held.totals[LENDABLE] - held.totals[BORROWED],
        held.totals[CAPACITY] - held.totals[USED],
    )
    return room


@njit(cache=True)
def room_at(
    used: Whole,
    quota: Whole,
    limit: Whole,
    is_lending: np.bool_,
    lendable: Whole,
    free: Whole,
) -> Whole:
    """Return the same from plain numbers; `lendable` is unused quota that is not lent out."""
    idle = max(0, quota - used)
    own: Whole = idle
    if is_lending:
        own = min(idle, lendable)
        lendable -= idle
    if own == idle:
        own += max(0, min(lendable, limit - max(0, used - quota)))
    room: Whole = min(own, free)
    return room


@njit(cache=True)
def fits_without(
    size: Whole,
    less: Whole,
    used: Whole,
    quota: Whole,
    limit: Whole,
    is_lending: np.bool_,
    lendable: Whole,
    free: Whole,
    borrowed_by_all: Whole,
) -> bool:
    """Return whether a job fits if its share holds so much less, or if others then give back."""
    gone = max(0, used - quota) - max(0, used - less - quota)  # borrowed by the share itself
    lendable += gone
    if is_lending:
        lendable += max(0, quota - used + less) - max(0, quota - used)
    if size <= room_at(used - less, quota, limit, is_lending, lendable, free + less):
        return True
    if used - less + size > quota:
        return False
    missing = size - free - less
    if is_lending:
        missing = max(missing, size - lendable)
    return bool(missing <= borrowed_by_all - gone)


@njit(cache=True)
def lack(quotas: Quotas, held: Held, share: Whole, size: Whole) -> Whole:
    """Return how much borrowed capacity must come back for a job within its share's own quota."""
    missing: Whole = held.totals[USED] + size - held.totals[CAPACITY]
    if quotas.is_lending[share]:
        missing = max(missing, held.totals[BORROWED] - held.totals[LENDABLE] + size)
    return missing
