"""The engine of EASY backfill: a later job may go first if it does not delay the head of the line.

Recorded run times are the estimates, so the head starts no later than the instant promised. When
the head is blocked, that instant is the first at which enough running jobs have ended; what is
left over then is extra. A later job starts now if it fits and ends by then, or fits into the extra.
"""

import numpy as np
from numba import njit

from analytics.share_replay.heaps import add_time, level_of, time_below
from analytics.share_replay.requests import Int64s, Whole
from analytics.share_replay.strict_order import NEVER, Jobs, Outcome, Steps


@njit(cache=True, nogil=True)
def run_with_backfill(jobs: Jobs, steps: Steps) -> Outcome:
    """Start the job of the lowest rank that fits, and those behind it that do not delay it."""
    count = len(jobs.size)
    start_us, end_us = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    full_us = np.zeros(count, np.int64)
    by_rank = np.empty(count, np.int64)
    by_rank[jobs.rank] = np.arange(count)
    base = 1
    while base < count:
        base *= 2
    least_size, least_run = np.full(2 * base, NEVER, np.int64), np.full(2 * base, NEVER, np.int64)
    running = np.empty(count, np.int64)  # by end, ascending
    busy = 0
    sums = np.zeros((1, len(jobs.sizes) + 2), np.int64)
    arrived, step = 0, 0
    used: Whole = 0
    capacity: Whole = steps.capacity[0]
    counted_us: Whole = np.int64(0)
    level = level_of(jobs.sizes, capacity)
    while True:
        now_us: Whole = NEVER
        if arrived < count:
            now_us = jobs.eligible_us[jobs.arrival[arrived]]
        if busy:
            now_us = min(now_us, end_us[running[0]])
        if step + 1 < len(steps.since_us):
            now_us = min(now_us, steps.since_us[step + 1])
        if now_us == NEVER:
            break
        add_time(sums, 0, level, now_us - counted_us)
        counted_us = now_us
        ended = 0
        while ended < busy and end_us[running[ended]] == now_us:
            used -= jobs.size[running[ended]]
            ended += 1
        if ended:
            busy -= ended
            running[:busy] = running[ended : ended + busy].copy()
        while step + 1 < len(steps.since_us) and steps.since_us[step + 1] <= now_us:
            step += 1
            capacity = steps.capacity[step]
        while arrived < count and jobs.eligible_us[jobs.arrival[arrived]] <= now_us:
            job = jobs.arrival[arrived]
            full_us[job] = -time_below(sums, 0, jobs.size_class[job])
            _put(least_size, least_run, base + jobs.rank[job], jobs.size[job], jobs.run_us[job])
            arrived += 1
        # without a blocked head every job may go: no time is promised, and all room is extra
        window_us: Whole = NEVER
        extra: Whole = NEVER
        place: Whole = 0
        is_head_blocked = False
        room: Whole = 0
        while place < count:
            free: Whole = capacity - used
            # before the head is found: the next in line, whatever its size
            room = NEVER - 1
            if is_head_blocked:
                room = min(extra, free)
            found: Whole = _next_fitting(least_size, least_run, base, place, free, window_us, room)
            if found < 0:
                break
            job = by_rank[found]
            place = found + 1
            if jobs.size[job] > steps.best[step]:
                _put(least_size, least_run, base + found, NEVER, NEVER)
                continue
            if not is_head_blocked and jobs.size[job] > free:
                is_head_blocked = True
                promised_us, extra = _promise(jobs, running, end_us, busy, free, jobs.size[job])
                window_us = promised_us if promised_us == NEVER else promised_us - now_us
                continue
            if is_head_blocked and jobs.run_us[job] > window_us:
                extra -= jobs.size[job]
            _put(least_size, least_run, base + found, NEVER, NEVER)
            full_us[job] += time_below(sums, 0, jobs.size_class[job])
            start_us[job] = now_us
            end_us[job] = now_us + jobs.run_us[job]
            used += jobs.size[job]
            spot = busy
            while spot and end_us[running[spot - 1]] > end_us[job]:
                running[spot] = running[spot - 1]
                spot -= 1
            running[spot] = job
            busy += 1
        level = level_of(jobs.sizes, capacity - used)
    return Outcome(start_us, end_us, full_us)


@njit(cache=True)
def _promise(
    jobs: Jobs, running: Int64s, end_us: Int64s, busy: Whole, free: Whole, size: Whole
) -> tuple[Whole, Whole]:
    """Return when a job of this size will fit as running jobs end, and what is then left over."""
    place = 0
    while place < busy:
        at_us = end_us[running[place]]
        while place < busy and end_us[running[place]] == at_us:
            free += jobs.size[running[place]]
            place += 1
        if free >= size:
            return at_us, free - size
    return NEVER, NEVER  # only more capacity can help, and nobody knows when that comes


@njit(cache=True)
def _put(least_size: Int64s, least_run: Int64s, node: Whole, size: Whole, run_us: Whole) -> None:
    least_size[node], least_run[node] = size, run_us
    node //= 2
    while node:
        left, right = 2 * node, 2 * node + 1
        least_size[node] = min(least_size[left], least_size[right])
        least_run[node] = min(least_run[left], least_run[right])
        node //= 2


@njit(cache=True)
def _next_fitting(
    least_size: Int64s,
    least_run: Int64s,
    base: Whole,
    place: Whole,
    free: Whole,
    window_us: Whole,
    room: Whole,
) -> Whole:
    """Return the first place from `place` on whose job fits into the room, or fits and is short.

    A subtree may promise a small job and a short one that are not the same: then it is left again.
    """
    node = base + place
    while True:
        if least_size[node] <= room or (least_size[node] <= free and least_run[node] <= window_us):
            if node >= base:
                return node - base
            node *= 2
            continue
        while node & 1:
            node >>= 1
            if node <= 1:
                return -1
        if node <= 1:
            return -1
        node += 1
