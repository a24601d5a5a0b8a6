"""The waiting and the running jobs of quota shares, and the moves between them."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics.share_replay.heaps import add_time, level_of, push, remove, time_below
from analytics.share_replay.quota_room import (
    BORROWED,
    CAPACITY,
    LENDABLE,
    USED,
    Held,
    Quotas,
    hold,
    room_at,
)
from analytics.share_replay.requests import Int64s, Whole
from analytics.share_replay.strict_order import Jobs

PRIORITY_STEP = 1 << 40
"""Between the victim keys of two priorities: more starts than a replay can have."""

QUEUED, VICTIMS, BORROWERS = 0, 1, 2
"""Rows of `Line.counts`."""

BUSY, STARTS, LOGGED = 0, 1, 2
"""Places in `Line.totals`."""


class Line(NamedTuple):
    """Heaps of jobs, by share, and of the running jobs by their end."""

    queue: Int64s
    in_queue: Int64s
    victims: Int64s  # running jobs; the first to be preempted on top
    in_victims: Int64s
    borrowers: Int64s  # of them those that borrowed when they started
    in_borrowers: Int64s
    running: Int64s
    in_running: Int64s
    victim_key: Int64s
    has_borrowed: NDArray[np.bool_]
    held_below: Int64s  # share x priority: what preemptible jobs hold (Fenwick trees)
    counts: Int64s
    totals: Int64s
    picked: Int64s  # victims of the move under way


class Fates(NamedTuple):
    """What becomes of each job; microseconds, -1 where it does not run."""

    start_us: Int64s
    end_us: Int64s
    full_us: Int64s
    limit_us: Int64s
    lost_us: Int64s
    preempted_count: Int64s
    preempted_us: Int64s  # when it was last
    is_ended_early: NDArray[np.bool_]


class Log(NamedTuple):
    """The attempts that preemption ended."""

    job: Int64s
    start_us: Int64s
    end_us: Int64s


class Clock(NamedTuple):
    """Time by level of room: a row each share, and a last one for the capacity of the queue."""

    sums: Int64s
    counted_us: Int64s
    level: Int64s


@njit(cache=True)
def new_line(jobs: Jobs, share_count: int, priority_count: int) -> Line:
    """Return an empty line."""
    count = len(jobs.size)
    return Line(
        np.empty(count, np.int64),
        np.full(count, -1, np.int64),
        np.empty(count, np.int64),
        np.full(count, -1, np.int64),
        np.empty(count, np.int64),
        np.full(count, -1, np.int64),
        np.empty(count, np.int64),
        np.full(count, -1, np.int64),
        np.zeros(count, np.int64),
        np.zeros(count, np.bool_),
        np.zeros((share_count, priority_count + 2), np.int64),
        np.zeros((3, share_count), np.int64),
        np.zeros(3, np.int64),
        np.empty(count, np.int64),
    )


@njit(cache=True)
def new_fates(count: Whole) -> Fates:
    """Return the fates of jobs of which nothing has happened yet."""
    return Fates(
        np.full(count, -1, np.int64),
        np.full(count, -1, np.int64),
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.full(count, -1, np.int64),
        np.zeros(count, np.bool_),
    )


@njit(cache=True)
def set_levels(clock: Clock, jobs: Jobs, quotas: Quotas, held: Held, now_us: Whole) -> None:
    """Note the room that there is from now on, for each share and for the queue."""
    quota, limit, is_lending, used = quotas.quota, quotas.limit, quotas.is_lending, held.used
    lendable = held.totals[LENDABLE] - held.totals[BORROWED]
    free = held.totals[CAPACITY] - held.totals[USED]
    levels, sizes, last = clock.level, jobs.sizes, len(quota)
    for row in range(last + 1):
        room = free
        if row < last:
            room = room_at(used[row], quota[row], limit[row], is_lending[row], lendable, free)
        level = levels[row]
        is_same = (level == 0 or sizes[level - 1] <= room) and (
            level == len(sizes) or sizes[level] > room
        )
        if not is_same:
            _count_time(clock, row, now_us)
            levels[row] = level_of(sizes, room)


@njit(cache=True)
def _count_time(clock: Clock, row: Whole, now_us: Whole) -> None:
    add_time(clock.sums, row, clock.level[row], now_us - clock.counted_us[row])
    clock.counted_us[row] = now_us


@njit(cache=True)
def _mark_wait(
    jobs: Jobs, quotas: Quotas, fates: Fates, clock: Clock, job: Whole, now_us: Whole, sign: Whole
) -> None:
    """Begin (-1) or end (1) a wait: take the time without room so far off, or add it."""
    share, last = quotas.of_job[job], len(quotas.quota)
    _count_time(clock, share, now_us)
    _count_time(clock, last, now_us)
    full_us = time_below(clock.sums, last, jobs.size_class[job])
    fates.full_us[job] += sign * full_us
    fates.limit_us[job] += sign * (time_below(clock.sums, share, jobs.size_class[job]) - full_us)


@njit(cache=True)
def enqueue(
    jobs: Jobs, quotas: Quotas, line: Line, fates: Fates, clock: Clock, job: Whole, now_us: Whole
) -> None:
    """Put a job into its share's queue."""
    _mark_wait(jobs, quotas, fates, clock, job, now_us, -1)
    share = quotas.of_job[job]
    first, count = quotas.first[share], line.counts[QUEUED, share]
    push(line.queue, line.in_queue, jobs.rank, first, count, job)
    line.counts[QUEUED, share] += 1


@njit(cache=True)
def leave_queue(jobs: Jobs, quotas: Quotas, line: Line, job: Whole) -> None:
    """Take a job out of its share's queue."""
    share = quotas.of_job[job]
    first, count = quotas.first[share], line.counts[QUEUED, share]
    remove(line.queue, line.in_queue, jobs.rank, first, count, job)
    line.counts[QUEUED, share] -= 1


@njit(cache=True)
def start(
    jobs: Jobs,
    quotas: Quotas,
    held: Held,
    line: Line,
    fates: Fates,
    clock: Clock,
    job: Whole,
    now_us: Whole,
) -> None:
    """Start the first job of a share's queue."""
    share = quotas.of_job[job]
    leave_queue(jobs, quotas, line, job)
    _mark_wait(jobs, quotas, fates, clock, job, now_us, 1)
    fates.start_us[job] = now_us
    fates.end_us[job] = now_us + jobs.run_us[job]
    line.totals[STARTS] += 1
    line.victim_key[job] = quotas.priority_level[job] * PRIORITY_STEP - line.totals[STARTS]
    line.has_borrowed[job] = held.used[share] + jobs.size[job] > quotas.quota[share]
    take(jobs, quotas, held, line, fates, job)


@njit(cache=True)
def take(jobs: Jobs, quotas: Quotas, held: Held, line: Line, fates: Fates, job: Whole) -> None:
    """Let a job hold its capacity, as a running one."""
    share = quotas.of_job[job]
    first, key, counts = quotas.first[share], line.victim_key, line.counts
    hold(quotas, held, share, jobs.size[job])
    push(line.running, line.in_running, fates.end_us, 0, line.totals[BUSY], job)
    line.totals[BUSY] += 1
    push(line.victims, line.in_victims, key, first, counts[VICTIMS, share], job)
    counts[VICTIMS, share] += 1
    if line.has_borrowed[job]:
        push(line.borrowers, line.in_borrowers, key, first, counts[BORROWERS, share], job)
        counts[BORROWERS, share] += 1
    if quotas.is_preempting[share]:
        add_time(line.held_below, share, quotas.priority_level[job], jobs.size[job])


@njit(cache=True)
def release(jobs: Jobs, quotas: Quotas, held: Held, line: Line, fates: Fates, job: Whole) -> None:
    """Take a running job's capacity away from it; `take` undoes it."""
    share = quotas.of_job[job]
    first, key, counts = quotas.first[share], line.victim_key, line.counts
    hold(quotas, held, share, -jobs.size[job])
    remove(line.running, line.in_running, fates.end_us, 0, line.totals[BUSY], job)
    line.totals[BUSY] -= 1
    remove(line.victims, line.in_victims, key, first, counts[VICTIMS, share], job)
    counts[VICTIMS, share] -= 1
    if line.has_borrowed[job]:
        remove(line.borrowers, line.in_borrowers, key, first, counts[BORROWERS, share], job)
        counts[BORROWERS, share] -= 1
    if quotas.is_preempting[share]:
        add_time(line.held_below, share, quotas.priority_level[job], -jobs.size[job])


@njit(cache=True)
def preempt(
    jobs: Jobs,
    quotas: Quotas,
    line: Line,
    fates: Fates,
    clock: Clock,
    log: Log,
    job: Whole,
    now_us: Whole,
) -> None:
    """Log what a released job lost; put it back into its queue unless its retries are used up."""
    place = line.totals[LOGGED]
    log.job[place], log.start_us[place], log.end_us[place] = job, fates.start_us[job], now_us
    line.totals[LOGGED] += 1
    fates.lost_us[job] += now_us - fates.start_us[job]
    fates.preempted_count[job] += 1
    fates.preempted_us[job] = now_us
    if 0 <= quotas.retries[job] < fates.preempted_count[job]:
        fates.is_ended_early[job] = True
        fates.end_us[job] = now_us
    else:
        fates.start_us[job] = fates.end_us[job] = -1
        enqueue(jobs, quotas, line, fates, clock, job, now_us)
