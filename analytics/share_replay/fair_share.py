"""The engine of fair share: the share of the least usage goes next; nothing is preempted.

A share's usage grows by (capacity held) x (weight factor) and decays by exp(-dt / decay). The
first job of the share of the least usage goes next; if it does not fit, all wait. What starts at
an instant counts, for the other starts of that instant, as what it will have used when it ends:
otherwise all of a room that appears at once would go to one share, and jobs in lockstep would miss
their entitlements. Part of the capacity is kept for shares that are not active:
(reservation)^(active shares) of it; but while nothing runs, a job may have all.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from analytics.share_replay.heaps import add_time, level_of, push, remove, time_below
from analytics.share_replay.requests import Floats, Int64s, Whole
from analytics.share_replay.strict_order import NEVER, Jobs, Steps


class FairShares(NamedTuple):
    """The shares of a queue, by number; share i's jobs take `first[i]` to `first[i + 1]`."""

    of_job: Int64s
    first: Int64s
    weight: Floats
    decay_us: float
    reservation_ratio: float


class FairOutcome(NamedTuple):
    """When each job starts and ends (-1: never), and how long it waits for which room, µs."""

    start_us: Int64s
    end_us: Int64s
    full_us: Int64s
    limit_us: Int64s


@njit(cache=True, nogil=True)
def run_fair_share(jobs: Jobs, steps: Steps, shares: FairShares) -> FairOutcome:
    """Start the first job of the share of the least usage as soon as it fits."""
    count, share_count = len(jobs.size), len(shares.weight)
    start_us, end_us = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    full_us, limit_us = np.zeros(count, np.int64), np.zeros(count, np.int64)
    queue, running = np.empty(count, np.int64), np.empty(count, np.int64)
    in_queue, in_running = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    queued, busy = np.zeros(share_count, np.int64), 0
    usage = np.zeros(share_count)
    held = np.zeros(share_count, np.int64)
    pending = np.zeros(share_count)  # what the starts of this instant count as
    active_us = np.full(share_count, -NEVER, np.int64)  # when it last had a job
    is_reserving = shares.reservation_ratio > 0
    sums = np.zeros((1, len(jobs.sizes) + 2), np.int64)
    room_sums = np.zeros((1, len(jobs.sizes) + 2), np.int64)
    arrived, step, waiting = 0, 0, 0
    used: Whole = 0
    capacity: Whole = steps.capacity[0]
    counted_us: Whole = np.int64(0)
    level = level_of(jobs.sizes, capacity)
    room_level = level
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
        passed_us = now_us - counted_us
        add_time(sums, 0, level, passed_us)
        add_time(room_sums, 0, room_level, passed_us)
        kept = np.exp(-passed_us / shares.decay_us)
        for share in range(share_count):
            grown = held[share] * shares.weight[share] * shares.decay_us * (1 - kept)
            usage[share] = usage[share] * kept + grown
            if passed_us:
                pending[share] = 0.0
            if held[share] > 0 or queued[share] > 0:
                active_us[share] = now_us
        counted_us = now_us
        while busy and end_us[running[0]] == now_us:
            job = running[0]
            remove(running, in_running, end_us, 0, busy, job)
            busy -= 1
            used -= jobs.size[job]
            held[shares.of_job[job]] -= jobs.size[job]
        while step + 1 < len(steps.since_us) and steps.since_us[step + 1] <= now_us:
            step += 1
            capacity = steps.capacity[step]
        while arrived < count and jobs.eligible_us[jobs.arrival[arrived]] <= now_us:
            job = jobs.arrival[arrived]
            share = shares.of_job[job]
            full_us[job] = -time_below(sums, 0, jobs.size_class[job])
            limit_us[job] = -time_below(room_sums, 0, jobs.size_class[job])
            push(queue, in_queue, jobs.rank, shares.first[share], queued[share], job)
            queued[share] += 1
            waiting += 1
            active_us[share] = now_us
            arrived += 1
        usable = capacity
        if is_reserving:
            usable = _usable(capacity, active_us, now_us, shares)
        while waiting:
            chosen, job, least = -1, -1, 0.0
            for share in range(share_count):
                if not queued[share]:
                    continue
                head = queue[shares.first[share]]
                own = usage[share] + pending[share]
                if chosen < 0 or (own, head) < (least, job):
                    chosen, job, least = share, head, own
            is_hopeless = jobs.size[job] > steps.best[step]
            room = (usable if busy else capacity) - used
            if not is_hopeless and jobs.size[job] > room:
                break
            remove(queue, in_queue, jobs.rank, shares.first[chosen], queued[chosen], job)
            queued[chosen] -= 1
            waiting -= 1
            if is_hopeless:
                continue
            below_us = time_below(sums, 0, jobs.size_class[job])
            full_us[job] += below_us
            limit_us[job] += time_below(room_sums, 0, jobs.size_class[job])
            limit_us[job] -= full_us[job]
            start_us[job] = now_us
            end_us[job] = now_us + jobs.run_us[job]
            used += jobs.size[job]
            held[chosen] += jobs.size[job]
            kept = np.exp(-jobs.run_us[job] / shares.decay_us)
            pending[chosen] += jobs.size[job] * shares.weight[chosen] * shares.decay_us * (1 - kept)
            push(running, in_running, end_us, 0, busy, job)
            busy += 1
        level = level_of(jobs.sizes, capacity - used)
        room_level = level_of(jobs.sizes, (usable if busy else capacity) - used)
    return FairOutcome(start_us, end_us, full_us, limit_us)


@njit(cache=True)
def _usable(capacity: Whole, active_us: Int64s, now_us: Whole, shares: FairShares) -> Whole:
    """Return the capacity that is not kept for inactive shares."""
    active = 0
    for last_us in active_us:
        if last_us != -NEVER and now_us - last_us < shares.decay_us:
            active += 1
    return int(capacity - capacity * shares.reservation_ratio**active)
