"""Who owned, used, borrowed, lent and left idle a queue's capacity: one pass over its events.

Definition: docs/metrics/borrowed_instance_h.md. A lane is a queue, or one instance type of a queue
whose capacity is limited by type. The levels between two events are constant; each hour adds up
level x time. Instants are microseconds since the epoch.
"""

from enum import IntEnum

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics.lending import lent_by

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

HOUR_US = 3_600_000_000
EVER_US = -(2**62)


class Ownership(IntEnum):
    """What says who owns what in a lane."""

    UNKNOWN = 0
    QUOTA = 1
    FAIR_SHARE = 2


class Sum(IntEnum):
    """The columns of the sums of a share and hour; all in unit-hours."""

    OWN = 0
    USED = 1
    OWNED_USED = 2
    BORROWED = 3
    LENT = 4
    IDLE = 5
    PREEMPTED = 6
    WAITING = 7
    STARVED = 8
    GPU = 9
    UNKNOWN_GPU = 10
    UNKNOWN_SIZE = 11
    CAPACITY = 12
    OVER_CAPACITY = 13
    ACTIVE = 14


SUMS = len(Sum)
# columns of what one attempt holds
HELD = ("amount", "gpu", "unknown_gpu", "unknown_size")
_HELD_SUMS = np.array([Sum.USED, Sum.GPU, Sum.UNKNOWN_GPU, Sum.UNKNOWN_SIZE], dtype=np.int64)
OWN, USED, OWNED_USED, BORROWED, LENT, IDLE, PREEMPTED, WAITING, STARVED = range(9)
CAPACITY, OVER_CAPACITY, ACTIVE = 12, 13, 14


@njit(cache=True)
def time_order(time_us: Int64s) -> Int64s:
    """Return the positions of instants in order of time: a radix sort, 16 bits at a pass.

    >>> time_order(np.array([7 * 2**16, 3, 7 * 2**16 - 1])).tolist()
    [1, 2, 0]
    """
    count = len(time_us)
    order = np.arange(count)
    if count == 0:
        return order
    key = time_us - time_us.min()
    highest = key.max()
    other, other_key = np.empty_like(order), np.empty_like(key)
    shift = 0
    while highest >> shift > 0:
        starts = np.zeros(2**16 + 1, np.int64)
        for i in range(count):
            starts[((key[i] >> shift) & 0xFFFF) + 1] += 1
        for digit in range(2**16):
            starts[digit + 1] += starts[digit]
        for i in range(count):
            digit = (key[i] >> shift) & 0xFFFF
            place = starts[digit]
            starts[digit] += 1
            other[place], other_key[place] = order[i], key[i]
        order, other = other, order
        key, other_key = other_key, key
        shift += 16
    return order


@njit(cache=True)
def _owned(ownership: int, settings: Floats, active: Int64s, capacity: float, own: Floats) -> None:
    """Write what each share owns now: its quota, or its entitlement among the active shares."""
    if ownership == 1:
        own[:] = settings
        return
    own[:] = 0.0
    if ownership == 0:
        return
    total = 0.0
    for share in range(len(own)):
        if active[share] > 0:
            total += 1.0 / settings[share]
    for share in range(len(own)):
        if active[share] > 0:
            own[share] = capacity / settings[share] / total


@njit(cache=True)
def _add_bands(
    hours: float, capacity: float, own: Floats, used: Floats, waiting: Floats, lends: Flags,
    is_known: bool, is_fair: bool, sums: Floats,
) -> None:  # fmt: skip
    """Add one stretch of constant levels to the sums of every share, and of what nobody owns."""
    count = len(own)
    borrowed = lendable = kept = owned = total = 0.0
    for share in range(count):
        over = used[share] - own[share]
        total += used[share]
        owned += own[share]
        if over > 0:
            borrowed += over
        elif lends[share]:
            lendable -= over
        else:
            kept -= over
    has_capacity = not np.isnan(capacity)
    free = max(0.0, capacity - total) if has_capacity else 0.0
    unowned = max(0.0, capacity - owned) if has_capacity else 0.0
    if is_fair and owned > 0:
        unowned = 0.0
    from_shares, from_unowned, from_kept = lent_by(borrowed, lendable, unowned, kept)
    left = lendable + kept + unowned - from_shares - from_unowned - from_kept
    # more may be promised than there is: then no more is idle than is left
    scale = 1.0
    if owned > capacity and left > 0:
        scale = min(1.0, free / left)
    lent_ratio = from_shares / lendable if lendable > 0 else 0.0
    kept_ratio = from_kept / kept if kept > 0 else 0.0
    for share in range(count):
        if own[share] > 0 or used[share] > 0:
            unused = own[share] - used[share]
            row = sums[share]
            row[OWN] += own[share] * hours
            if unused >= 0:
                lent = unused * (lent_ratio if lends[share] else kept_ratio)
                row[OWNED_USED] += used[share] * hours
                row[LENT] += lent * hours
                row[IDLE] += (unused - lent) * scale * hours
            else:
                row[OWNED_USED] += own[share] * hours
                row[BORROWED] -= unused * hours
        if waiting[share] > 0:
            sums[share, STARVED] += min(waiting[share], free) * hours
    rest = sums[count]
    rest[OWN] += unowned * hours
    rest[LENT] += from_unowned * hours
    rest[IDLE] += ((unowned - from_unowned) * scale if is_known else free) * hours
    if has_capacity:
        rest[CAPACITY] += capacity * hours
        rest[OVER_CAPACITY] += max(0.0, total - capacity) * hours


@njit(cache=True)
def _flush(
    share: int, at_us: int, since_us: Int64s, level: Floats, preempted: Floats, waiting: Floats,
    active: Int64s, columns: Int64s, sums: Floats,
) -> None:  # fmt: skip
    """Add what a share alone decides, from when it last changed until now."""
    hours = (at_us - since_us[share]) / HOUR_US
    since_us[share] = at_us
    if hours <= 0 or active[share] == 0 and level[share, 0] == 0 and level[share, 3] == 0:
        return
    row = sums[share]
    for column in range(len(columns)):
        row[columns[column]] += level[share, column] * hours
    row[PREEMPTED] += preempted[share] * hours
    row[WAITING] += waiting[share] * hours
    if active[share] > 0:
        row[ACTIVE] += hours


@njit(cache=True)
def _grown(rows: Floats, hour: Int64s, share: Int64s) -> tuple[Floats, Int64s, Int64s]:
    """Return the output arrays at twice their length."""
    length = 2 * len(hour)
    more_rows = np.empty((length, rows.shape[1]))
    more_hour, more_share = np.empty(length, np.int64), np.empty(length, np.int64)
    more_rows[: len(hour)], more_hour[: len(hour)] = rows, hour
    more_share[: len(hour)] = share
    return more_rows, more_hour, more_share


@njit(cache=True)
def sweep(
    share_count: int, ownership: int, first_us: int, end_us: int,
    event_us: Int64s, event: Int64s,
    hold_share: Int64s, held: Floats, is_preempted: Flags,
    request_share: Int64s, request_amount: Floats,
    capacity_us: Int64s, capacities: Floats,
    setting_us: Int64s, setting_share: Int64s, setting: Floats, setting_lends: Flags,
) -> tuple[Floats, Int64s, Int64s]:  # fmt: skip
    """Return the sums of each share and hour of a lane: rows of `Sum`, their hours and shares.

    Share `share_count` is what no share owns. The hours are those from the one that `first_us` lies
    in until `end_us`. Events are sorted by time: `4 i` and `4 i + 1` are
    the beginning and the end of hold i, `4 i + 2` and `4 i + 3` those of request i. Capacities and
    settings (quotas, or weight factors) are sorted by time; an unknown capacity is NaN.
    """
    columns = _HELD_SUMS
    settings = np.zeros(share_count) if ownership != 2 else np.ones(share_count)
    lends = np.ones(share_count, np.bool_)
    level, preempted = np.zeros((share_count, len(columns))), np.zeros(share_count)
    requested, waiting = np.zeros(share_count), np.zeros(share_count)
    used, own = np.zeros(share_count), np.zeros(share_count)
    active = np.zeros(share_count, np.int64)
    sums = np.zeros((share_count + 1, SUMS))
    rows = np.empty((1024, SUMS))
    row_hour, row_share = np.empty(1024, np.int64), np.empty(1024, np.int64)
    count = 0
    now_us = first_us // HOUR_US * HOUR_US
    hour_us = now_us
    since_us = np.full(share_count, now_us)
    capacity = np.nan
    next_event = next_capacity = next_setting = 0
    is_dirty = True
    while now_us < end_us:
        # what changes at this instant
        while next_capacity < len(capacity_us) and capacity_us[next_capacity] <= now_us:
            capacity = capacities[next_capacity]
            next_capacity += 1
            is_dirty = True
        while next_setting < len(setting_us) and setting_us[next_setting] <= now_us:
            settings[setting_share[next_setting]] = setting[next_setting]
            lends[setting_share[next_setting]] = setting_lends[next_setting]
            next_setting += 1
            is_dirty = True
        while next_event < len(event_us) and event_us[next_event] <= now_us:
            one, kind = event[next_event] >> 2, event[next_event] & 3
            next_event += 1
            sign = 1.0 if kind & 1 == 0 else -1.0
            share = hold_share[one] if kind < 2 else request_share[one]
            _flush(share, now_us, since_us, level, preempted, waiting, active, columns, sums)
            if kind < 2:
                for column in range(len(columns)):
                    level[share, column] += sign * held[one, column]
                used[share] = level[share, 0]
                if is_preempted[one]:
                    preempted[share] += sign * held[one, 0]
            else:
                requested[share] += sign * request_amount[one]
                active[share] += 1 if kind == 2 else -1
                if ownership == 2 and active[share] == (1 if kind == 2 else 0):
                    is_dirty = True
            waiting[share] = max(0.0, requested[share] - used[share])
        if is_dirty:
            _owned(ownership, settings, active, capacity, own)
            if ownership == 1 and len(capacity_us) == 0:
                capacity = own.sum()  # where nothing else says it, quotas are what there is
            is_dirty = False
        upto_us = min(end_us, hour_us + HOUR_US)
        if next_event < len(event_us):
            upto_us = min(upto_us, event_us[next_event])
        if next_capacity < len(capacity_us):
            upto_us = min(upto_us, capacity_us[next_capacity])
        if next_setting < len(setting_us):
            upto_us = min(upto_us, setting_us[next_setting])
        _add_bands(
            (upto_us - now_us) / HOUR_US, capacity, own, used, waiting, lends, ownership != 0,
            ownership == 2, sums,
        )  # fmt: skip
        now_us = upto_us
        if now_us < hour_us + HOUR_US and now_us < end_us:
            continue
        for share in range(share_count + 1):
            if share < share_count:
                _flush(share, now_us, since_us, level, preempted, waiting, active, columns, sums)
            if not sums[share].any():
                continue
            if count == len(row_hour):
                rows, row_hour, row_share = _grown(rows, row_hour, row_share)
            rows[count], row_hour[count], row_share[count] = sums[share], hour_us, share
            count += 1
        sums[:] = 0.0
        hour_us = now_us
    return rows[:count], row_hour[:count], row_share[:count]
