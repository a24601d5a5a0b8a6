"""The engine of quota management: shares lend and borrow, and preemption gives capacity back.

In this order, until nothing more starts at an instant: (1) a share's first job that fits into its
own quota starts, and takes back what others borrowed if it must; (2) of the first jobs that must
borrow, the oldest starts if it may, and the others wait for it; (3) where in-share preemption is
on, a first job takes the place of running jobs of lower priority. Within a share: priority, age.

It ends: only requests, ends and changes of capacity bring an instant; a job preempted at an instant
preempts nobody at the same; a job that started within its share's quota is never preempted by
another share; and in-share preemption goes from higher to lower priority only.
"""

import numpy as np
from numba import njit

from analytics.lending import lendable_quotas
from analytics.share_replay.heaps import time_below
from analytics.share_replay.quota_line import (
    BUSY,
    LOGGED,
    QUEUED,
    Clock,
    Fates,
    Line,
    Log,
    enqueue,
    leave_queue,
    new_fates,
    new_line,
    release,
    set_levels,
    start,
)
from analytics.share_replay.quota_room import (
    BORROWED,
    CAPACITY,
    LENDABLE,
    USED,
    Held,
    Quotas,
    fits_without,
    room_at,
)
from analytics.share_replay.quota_victims import give_way, reclaim, shed
from analytics.share_replay.requests import Whole
from analytics.share_replay.strict_order import NEVER, Jobs, Steps

OWN, RECLAIM, BORROW, GIVE_WAY = 0, 1, 2, 3
"""How a job can start."""


@njit(cache=True, nogil=True)
def run_quota(jobs: Jobs, steps: Steps, quotas: Quotas) -> tuple[Fates, Log]:
    """Return what becomes of each job, and the attempts that preemption ended."""
    count, share_count = len(jobs.size), len(quotas.quota)
    held = Held(np.zeros(share_count, np.int64), np.zeros(4, np.int64))
    held.totals[CAPACITY] = steps.capacity[0]
    held.totals[LENDABLE] = lendable_quotas(quotas.quota, quotas.is_lending)
    line = new_line(jobs, share_count, quotas.priority_level.max() + 1 if count else 1)
    fates = new_fates(count)
    clock = Clock(
        np.zeros((share_count + 1, len(jobs.sizes) + 2), np.int64),
        np.zeros(share_count + 1, np.int64),
        np.zeros(share_count + 1, np.int64),
    )
    set_levels(clock, jobs, quotas, held, 0)
    log = Log(np.empty(1024, np.int64), np.empty(1024, np.int64), np.empty(1024, np.int64))
    arrived, step, logged = 0, 0, np.int64(0)
    while True:
        now_us: Whole = NEVER
        if arrived < count:
            now_us = jobs.eligible_us[jobs.arrival[arrived]]
        if line.totals[BUSY]:
            now_us = min(now_us, fates.end_us[line.running[0]])
        if step + 1 < len(steps.since_us):
            now_us = min(now_us, steps.since_us[step + 1])
        if now_us == NEVER:
            break
        # nothing can start but after an end, a change, a new first job, or a preemption: those of
        # whom it took capacity may claim theirs from the next instant on
        is_due = line.totals[LOGGED] > logged
        logged = line.totals[LOGGED]
        while line.totals[BUSY] and fates.end_us[line.running[0]] == now_us:
            release(jobs, quotas, held, line, fates, line.running[0])
            is_due = True
        while step + 1 < len(steps.since_us) and steps.since_us[step + 1] <= now_us:
            step += 1
            held.totals[CAPACITY] = steps.capacity[step]
            is_due = True
        if held.totals[USED] > held.totals[CAPACITY]:
            log = _with_space(log, line)
            shed(jobs, quotas, held, line, fates, clock, log, now_us)
        while arrived < count and jobs.eligible_us[jobs.arrival[arrived]] <= now_us:
            job = jobs.arrival[arrived]
            arrived += 1
            share = quotas.of_job[job]
            if jobs.size[job] <= min(steps.best[step], quotas.most[share]):
                enqueue(jobs, quotas, line, fates, clock, job, now_us)
                is_due |= line.queue[quotas.first[share]] == job
        while is_due:
            if step:
                _drop_hopeless(jobs, quotas, line, steps.best[step])
            job, way = _next_start(jobs, quotas, held, line, fates, now_us)
            if job < 0:
                break
            log = _with_space(log, line)
            if way == GIVE_WAY:
                give_way(jobs, quotas, held, line, fates, clock, log, job, now_us)
            if way != OWN and way != BORROW:
                reclaim(jobs, quotas, held, line, fates, clock, log, job, now_us)
            start(jobs, quotas, held, line, fates, clock, job, now_us)
        if is_due:
            set_levels(clock, jobs, quotas, held, now_us)
    logged = line.totals[LOGGED]
    return fates, Log(log.job[:logged], log.start_us[:logged], log.end_us[:logged])


@njit(cache=True)
def _with_space(log: Log, line: Line) -> Log:
    """Return the log with space for all that runs."""
    needed, length = line.totals[LOGGED] + line.totals[BUSY], len(log.job)
    if needed <= length:
        return log
    more = np.empty(needed, np.int64)  # at least doubles what may be logged next
    return Log(
        np.concatenate((log.job, more)),
        np.concatenate((log.start_us, more)),
        np.concatenate((log.end_us, more)),
    )


@njit(cache=True)
def _drop_hopeless(jobs: Jobs, quotas: Quotas, line: Line, best: Whole) -> None:
    """Take first jobs that can never start any more out of their queues."""
    for share in range(len(quotas.quota)):
        while line.counts[QUEUED, share]:
            job = line.queue[quotas.first[share]]
            if jobs.size[job] <= best:
                break
            leave_queue(jobs, quotas, line, job)


@njit(cache=True)
def _next_start(
    jobs: Jobs, quotas: Quotas, held: Held, line: Line, fates: Fates, now_us: Whole
) -> tuple[Whole, Whole]:
    """Return the job that starts next and how; -1: none can."""
    # names for what the loop reads: each access through a tuple costs
    sizes, queue, first, queued = jobs.size, line.queue, quotas.first, line.counts[QUEUED]
    preempted_us = fates.preempted_us
    quota, limit, used = quotas.quota, quotas.limit, held.used
    is_lending, is_preempting = quotas.is_lending, quotas.is_preempting
    borrowed = held.totals[BORROWED]
    lendable = held.totals[LENDABLE] - borrowed
    free = held.totals[CAPACITY] - held.totals[USED]
    own: Whole = -1
    own_way, borrower, is_borrower_fitting, is_any_preempting = OWN, np.int64(-1), False, False
    for share in range(len(quota)):
        if not queued[share]:
            continue
        job = queue[first[share]]
        size = sizes[job]
        if quota[share] - used[share] >= size:
            if 0 <= own < job:
                continue
            if size <= room_at(
                used[share], quota[share], limit[share], is_lending[share], lendable, free
            ):
                own, own_way = job, OWN
            elif preempted_us[job] != now_us:
                missing = size - free
                if is_lending[share]:
                    missing = max(missing, size - lendable)
                if missing <= borrowed:
                    own, own_way = job, RECLAIM
                else:
                    is_any_preempting |= is_preempting[share]
        else:
            is_any_preempting |= is_preempting[share]
            if not 0 <= borrower < job and used[share] + size - quota[share] <= limit[share]:
                borrower = job
                is_borrower_fitting = size <= room_at(
                    used[share], quota[share], limit[share], is_lending[share], lendable, free
                )
    if own >= 0:
        return own, own_way
    if borrower >= 0 and is_borrower_fitting:
        return borrower, BORROW
    chosen: Whole = -1
    if is_any_preempting:
        held_below, level = line.held_below, quotas.priority_level
        for share in range(len(quota)):
            if not (queued[share] and is_preempting[share]):
                continue
            job = queue[first[share]]
            if 0 <= chosen < job or preempted_us[job] == now_us:
                continue
            below = time_below(held_below, share, level[job] - 1)
            if below and fits_without(
                sizes[job], below, used[share], quota[share], limit[share], is_lending[share],
                lendable, free, borrowed,
            ):  # fmt: skip
                chosen = job
    return chosen, GIVE_WAY
