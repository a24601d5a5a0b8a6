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
OWN, USED, OWNED_USED, BORROWED, LENT, IDLE, PREEMPTED, WAITING, STARVED = range(9)
GPU, UNKNOWN_GPU, UNKNOWN_SIZE, CAPACITY, OVER_CAPACITY, ACTIVE = range(9, 15)
# what happens to a job, in the last three bits of an event
ASKED, LEFT, BEGIN, END, END_AND_LEFT = range(5)


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
    # of 64 bits and no more: a shift by 64 changes nothing
    for shift in range(0, 64, 16):
        if highest >> shift == 0:
            break
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
def lane_events(
    asked_us: Int64s, left_us: Int64s, begin_us: Int64s, end_us: Int64s
) -> tuple[Int64s, Int64s]:
    """Return the instants at which the jobs of a lane change it, in order, and what each is.

    An event is 8 times the position of the job, plus what happens. Where two ends are equal, there
    is no such time.
    """
    length = 4 * len(asked_us)
    time_us, event = np.empty(length, np.int64), np.empty(length, np.int64)
    count = 0
    for job in range(len(asked_us)):
        has_asked, has_held = left_us[job] > asked_us[job], end_us[job] > begin_us[job]
        if has_held:
            time_us[count], event[count] = begin_us[job], 8 * job + BEGIN
            ends_both = has_asked and end_us[job] == left_us[job]
            time_us[count + 1] = end_us[job]
            event[count + 1] = 8 * job + (END_AND_LEFT if ends_both else END)
            count += 2
        if has_asked:
            time_us[count], event[count] = asked_us[job], 8 * job + ASKED
            count += 1
            if not (has_held and end_us[job] == left_us[job]):
                time_us[count], event[count] = left_us[job], 8 * job + LEFT
                count += 1
    order = time_order(time_us[:count])
    return time_us[order], event[order]


@njit(cache=True)
def _add_band(over: float, lends: bool, sign: float, levels: Floats) -> None:
    """Add (or take away) a share to what is borrowed, can be lent, and is kept."""
    if over > 0:
        levels[0] += sign * over
    elif lends:
        levels[1] -= sign * over
    else:
        levels[2] -= sign * over


@njit(cache=True)
def _flush(
    share: int, at_us: int, since_us: Int64s, own: Floats, level: Floats, preempted: Floats,
    waiting: Floats, active: Int64s, lends: Flags, passed: Floats, marks: Floats, sums: Floats,
) -> None:  # fmt: skip
    """Add what a share had from when it last changed until now.

    `passed` is, since the hour began, the time times the lent and the idle part of each unit that
    lenders (0 and 1) and keepers (2 and 3) leave unused; `marks` is the same when it last changed.
    """
    hours = (at_us - since_us[share]) / HOUR_US
    since_us[share] = at_us
    kind = 0 if lends[share] else 2
    lent_h, idle_h = passed[kind] - marks[share, 0], passed[kind + 1] - marks[share, 1]
    marks[share, 0], marks[share, 1] = passed[kind], passed[kind + 1]
    if hours <= 0:
        return
    row = sums[share]
    used = level[share, 0]
    if own[share] > 0 or used > 0:
        unused = own[share] - used
        row[OWN] += own[share] * hours
        if unused >= 0:
            row[OWNED_USED] += used * hours
            row[LENT] += unused * lent_h
            row[IDLE] += unused * idle_h
        else:
            row[OWNED_USED] += own[share] * hours
            row[BORROWED] -= unused * hours
    if active[share] == 0 and used == 0 and level[share, 3] == 0:
        return
    row[USED] += used * hours
    row[GPU] += level[share, 1] * hours
    row[UNKNOWN_GPU] += level[share, 2] * hours
    row[UNKNOWN_SIZE] += level[share, 3] * hours
    row[PREEMPTED] += preempted[share] * hours
    row[WAITING] += waiting[share] * hours
    if active[share] > 0:
        row[ACTIVE] += hours


@njit(cache=True)
def _grown(rows: Floats, hour: Int64s, share: Int64s) -> tuple[Floats, Int64s, Int64s]:
    """Return the output arrays at twice their length."""
    length = 2 * len(hour)
    more_rows = np.empty((rows.shape[0], length))
    more_hour, more_share = np.empty(length, np.int64), np.empty(length, np.int64)
    more_rows[:, : len(hour)], more_hour[: len(hour)] = rows, hour
    more_share[: len(hour)] = share
    return more_rows, more_hour, more_share


@njit(cache=True)
def sweep(
    share_count: int, ownership: int, first_us: int, end_us: int,
    event_us: Int64s, event: Int64s,
    job_share: Int64s, amount: Floats, gpu: Floats, is_preempted: Flags,
    capacity_us: Int64s, capacities: Floats,
    setting_us: Int64s, setting_share: Int64s, setting: Floats, setting_lends: Flags,
) -> tuple[Floats, Int64s, Int64s]:  # fmt: skip
    """Return the sums of each share and hour of a lane: columns of `Sum`, their hours and shares.

    Share `share_count` is what no share owns. The hours are those from the one that `first_us` lies
    in until `end_us`. Events are those of `lane_events`; capacities and settings (quotas, or weight
    factors) are sorted by time; what is unknown is NaN. A share's sums are brought up to date when
    it changes, and when an hour ends; only what depends on all shares is added up at each event.
    """
    settings = np.zeros(share_count) if ownership != 2 else np.ones(share_count)
    lends = np.ones(share_count, np.bool_)
    level, preempted = np.zeros((share_count, 4)), np.zeros(share_count)
    requested, waiting = np.zeros(share_count), np.zeros(share_count)
    own, active = np.zeros(share_count), np.zeros(share_count, np.int64)
    sums = np.zeros((share_count + 1, SUMS))
    passed, marks = np.zeros(4), np.zeros((share_count, 2))
    levels = np.zeros(3)  # borrowed, lendable, kept
    rows = np.empty((SUMS, 1024))
    row_hour, row_share = np.empty(1024, np.int64), np.empty(1024, np.int64)
    count = 0
    now_us = first_us // HOUR_US * HOUR_US
    hour_us = now_us
    since_us = np.full(share_count, now_us)
    capacity = np.nan
    owned = total = 0.0
    next_event = next_capacity = next_setting = waiting_count = 0
    is_dirty = True
    while now_us < end_us:
        # what changes at this instant
        while next_event < len(event_us) and event_us[next_event] <= now_us:
            job, kind = event[next_event] >> 3, event[next_event] & 7
            next_event += 1
            share = job_share[job]
            _flush(share, now_us, since_us, own, level, preempted, waiting, active, lends, passed,
                   marks, sums)  # fmt: skip
            size = 0.0 if np.isnan(amount[job]) else amount[job]
            if kind >= BEGIN:
                sign = 1.0 if kind == BEGIN else -1.0
                _add_band(level[share, 0] - own[share], lends[share], -1.0, levels)
                level[share, 0] += sign * size
                total += sign * size
                _add_band(level[share, 0] - own[share], lends[share], 1.0, levels)
                if np.isnan(gpu[job]):
                    level[share, 2] += sign * size
                else:
                    level[share, 1] += sign * gpu[job]
                if np.isnan(amount[job]):
                    level[share, 3] += sign
                if is_preempted[job]:
                    preempted[share] += sign * size
            if kind == ASKED:
                requested[share] += size
                active[share] += 1
                is_dirty |= ownership == 2 and active[share] == 1
            elif kind in (LEFT, END_AND_LEFT):
                requested[share] -= size
                active[share] -= 1
                is_dirty |= ownership == 2 and active[share] == 0
            waiting_count -= waiting[share] > 0
            waiting[share] = max(0.0, requested[share] - level[share, 0])
            waiting_count += waiting[share] > 0
        if is_dirty or now_us == hour_us or (
            next_capacity < len(capacity_us) and capacity_us[next_capacity] <= now_us
        ) or (next_setting < len(setting_us) and setting_us[next_setting] <= now_us):  # fmt: skip
            for share in range(share_count):
                _flush(share, now_us, since_us, own, level, preempted, waiting, active, lends,
                       passed, marks, sums)  # fmt: skip
            while next_capacity < len(capacity_us) and capacity_us[next_capacity] <= now_us:
                capacity = capacities[next_capacity]
                next_capacity += 1
            while next_setting < len(setting_us) and setting_us[next_setting] <= now_us:
                settings[setting_share[next_setting]] = setting[next_setting]
                lends[setting_share[next_setting]] = setting_lends[next_setting]
                next_setting += 1
            _owned(ownership, settings, active, capacity, own)
            owned = own.sum()
            if ownership == 1 and len(capacity_us) == 0:
                capacity = owned  # where nothing else says it, quotas are what there is
            # added up afresh, so that no rounding stays
            levels[:] = 0.0
            passed[:] = 0.0
            marks[:] = 0.0
            total = level[:, 0].sum()
            for share in range(share_count):
                _add_band(level[share, 0] - own[share], lends[share], 1.0, levels)
            is_dirty = False
        upto_us = min(end_us, hour_us + HOUR_US)
        if next_event < len(event_us):
            upto_us = min(upto_us, event_us[next_event])
        if next_capacity < len(capacity_us):
            upto_us = min(upto_us, capacity_us[next_capacity])
        if next_setting < len(setting_us):
            upto_us = min(upto_us, setting_us[next_setting])
        hours = (upto_us - now_us) / HOUR_US
        has_capacity = not np.isnan(capacity)
        free = max(0.0, capacity - total) if has_capacity else 0.0
        unowned = max(0.0, capacity - owned) if has_capacity else 0.0
        if ownership == 2 and owned > 0:
            unowned = 0.0
        borrowed, lendable, kept = max(0.0, levels[0]), max(0.0, levels[1]), max(0.0, levels[2])
        from_shares, from_unowned, from_kept = lent_by(borrowed, lendable, unowned, kept)
        left = lendable + kept + unowned - from_shares - from_unowned - from_kept
        # more may be promised than there is: then no more is idle than is left
        scale = min(1.0, free / left) if owned > capacity and left > 0 else 1.0
        lent_ratio = from_shares / lendable if lendable > 0 else 0.0
        kept_ratio = from_kept / kept if kept > 0 else 0.0
        passed[0] += lent_ratio * hours
        passed[1] += (1 - lent_ratio) * scale * hours
        passed[2] += kept_ratio * hours
        passed[3] += (1 - kept_ratio) * scale * hours
        if waiting_count > 0 and free > 0:
            for share in range(share_count):
                if waiting[share] > 0:
                    sums[share, STARVED] += min(waiting[share], free) * hours
        rest = sums[share_count]
        rest[OWN] += unowned * hours
        rest[LENT] += from_unowned * hours
        rest[IDLE] += ((unowned - from_unowned) * scale if ownership != 0 else free) * hours
        if has_capacity:
            rest[CAPACITY] += capacity * hours
            rest[OVER_CAPACITY] += max(0.0, total - capacity) * hours
        now_us = upto_us
        if now_us < hour_us + HOUR_US and now_us < end_us:
            continue
        for share in range(share_count + 1):
            if share < share_count:
                _flush(share, now_us, since_us, own, level, preempted, waiting, active, lends,
                       passed, marks, sums)  # fmt: skip
            if not sums[share].any():
                continue
            if count == len(row_hour):
                rows, row_hour, row_share = _grown(rows, row_hour, row_share)
            rows[:, count], row_hour[count], row_share[count] = sums[share], hour_us, share
            count += 1
        sums[:] = 0.0
        hour_us = now_us
    return rows[:, :count], row_hour[:count], row_share[:count]
