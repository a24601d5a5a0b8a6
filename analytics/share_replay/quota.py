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
    lack,
    own_idle,
    room_of,
)
from analytics.share_replay.quota_victims import (
    can_give_way,
    give_way,
    reclaim,
    shed,
)
from analytics.share_replay.requests import Whole
from analytics.share_replay.strict_order import NEVER, Jobs, Steps

OWN, RECLAIM, BORROW, GIVE_WAY = 0, 1, 2, 3
"""How a job can start."""


@njit(cache=True)
def run_quota(jobs: Jobs, steps: Steps, quotas: Quotas) -> tuple[Fates, Log]:
    """Return what becomes of each job, and the attempts that preemption ended."""
    count, share_count = len(jobs.size), len(quotas.quota)
    held = Held(np.zeros(share_count, np.int64), np.zeros(4, np.int64))
    held.totals[CAPACITY] = steps.capacity[0]
    held.totals[LENDABLE] = (quotas.quota * quotas.is_lending).sum()
    line = new_line(jobs, share_count, quotas.priority_level.max() + 1 if count else 1)
    fates = new_fates(count)
    clock = Clock(
        np.zeros((share_count + 1, len(jobs.sizes) + 2), np.int64),
        np.zeros(share_count + 1, np.int64),
        np.zeros(share_count + 1, np.int64),
    )
    set_levels(clock, jobs, quotas, held, 0)
    log = Log(np.empty(1024, np.int64), np.empty(1024, np.int64), np.empty(1024, np.int64))
    arrived, step = 0, 0
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
        while line.totals[BUSY] and fates.end_us[line.running[0]] == now_us:
            release(jobs, quotas, held, line, fates, line.running[0])
        while step + 1 < len(steps.since_us) and steps.since_us[step + 1] <= now_us:
            step += 1
            held.totals[CAPACITY] = steps.capacity[step]
        if held.totals[USED] > held.totals[CAPACITY]:
            log = _with_space(log, line)
            shed(jobs, quotas, held, line, fates, clock, log, now_us)
        while arrived < count and jobs.eligible_us[jobs.arrival[arrived]] <= now_us:
            enqueue(jobs, quotas, line, fates, clock, jobs.arrival[arrived], now_us)
            arrived += 1
        while True:
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
    """Take first jobs that can never start out of their queues."""
    for share in range(len(quotas.quota)):
        while line.counts[QUEUED, share]:
            job = line.queue[quotas.first[share]]
            if jobs.size[job] <= min(best, quotas.most[share]):
                break
            leave_queue(jobs, quotas, line, job)


@njit(cache=True)
def _next_start(
    jobs: Jobs, quotas: Quotas, held: Held, line: Line, fates: Fates, now_us: Whole
) -> tuple[Whole, Whole]:
    """Return the job that starts next and how; -1: none can."""
    own, own_way, borrower, fitting = -1, OWN, -1, False
    for share in range(len(quotas.quota)):
        if not line.counts[QUEUED, share]:
            continue
        job = line.queue[quotas.first[share]]
        size = jobs.size[job]
        idle = own_idle(quotas, held, share)
        if size <= idle:
            if 0 <= own < job:
                continue
            if size <= room_of(quotas, held, share):
                own, own_way = job, OWN
            elif (
                fates.preempted_us[job] != now_us
                and lack(quotas, held, share, size) <= held.totals[BORROWED]
            ):
                own, own_way = job, RECLAIM
        elif quotas.is_borrowing[share] and not 0 <= borrower < job:
            over = held.used[share] + size - quotas.quota[share]
            if over <= quotas.limit[share]:
                borrower, fitting = job, size <= room_of(quotas, held, share)
    if own >= 0:
        return own, own_way
    if borrower >= 0 and fitting:
        return borrower, BORROW
    chosen = -1
    for share in range(len(quotas.quota)):
        if line.counts[QUEUED, share] and quotas.is_preempting[share]:
            job = line.queue[quotas.first[share]]
            if (
                not 0 <= chosen < job
                and fates.preempted_us[job] != now_us
                and can_give_way(jobs, quotas, held, line, job)
            ):
                chosen = job
    return chosen, GIVE_WAY
