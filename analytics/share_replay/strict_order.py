"""The engine of FIFO and shortest job first: strict order, the head of the line blocks the rest.

Ends come before changes of capacity, those before requests, and those before starts of the same
instant. Jobs that run are left alone when capacity falls.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from analytics.share_replay.heaps import add_time, level_of, push, remove, time_below
from analytics.share_replay.requests import Int64s, Whole

NEVER = np.iinfo(np.int64).max
WAITING, RUNNING, DONE, TOO_LARGE = 0, 1, 2, 3


class Jobs(NamedTuple):
    """The jobs of one engine's run, in the order of requests; sizes are in millionths."""

    eligible_us: Int64s
    arrival: Int64s  # positions in the order in which they become eligible
    run_us: Int64s
    size: Int64s
    size_class: Int64s  # position of the size in `sizes`
    sizes: Int64s  # each size once, ascending
    rank: Int64s  # lower goes first


class Steps(NamedTuple):
    """Capacity over time, in millionths; the first step has begun before all jobs."""

    since_us: Int64s
    capacity: Int64s
    best: Int64s  # the highest of this and all later steps


class Outcome(NamedTuple):
    """When each job starts and ends (-1: never), and how long it waits for room, microseconds."""

    start_us: Int64s
    end_us: Int64s
    full_us: Int64s


@njit(cache=True, nogil=True)
def run_in_strict_order(jobs: Jobs, steps: Steps) -> Outcome:
    """Start the job of the lowest rank as soon as it fits; no other goes before it."""
    count = len(jobs.size)
    start_us, end_us = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    full_us = np.zeros(count, np.int64)
    queue, running = np.empty(count, np.int64), np.empty(count, np.int64)
    in_queue, in_running = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    queued, busy = 0, 0
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
        while busy and end_us[running[0]] == now_us:
            job = running[0]
            remove(running, in_running, end_us, 0, busy, job)
            busy -= 1
            used -= jobs.size[job]
        while step + 1 < len(steps.since_us) and steps.since_us[step + 1] <= now_us:
            step += 1
            capacity = steps.capacity[step]
        while arrived < count and jobs.eligible_us[jobs.arrival[arrived]] <= now_us:
            job = jobs.arrival[arrived]
            full_us[job] = -time_below(sums, 0, jobs.size_class[job])
            push(queue, in_queue, jobs.rank, 0, queued, job)
            queued += 1
            arrived += 1
        while queued:
            job = queue[0]
            is_hopeless = jobs.size[job] > steps.best[step]
            if not is_hopeless and jobs.size[job] > capacity - used:
                break
            remove(queue, in_queue, jobs.rank, 0, queued, job)
            queued -= 1
            if is_hopeless:
                continue
            full_us[job] += time_below(sums, 0, jobs.size_class[job])
            start_us[job] = now_us
            end_us[job] = now_us + jobs.run_us[job]
            used += jobs.size[job]
            push(running, in_running, end_us, 0, busy, job)
            busy += 1
        level = level_of(jobs.sizes, capacity - used)
    return Outcome(start_us, end_us, full_us)
