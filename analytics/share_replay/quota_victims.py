"""Which running jobs preemption ends: those of least priority, and of them the newest first.

Whole jobs, and no more of them than needed: a victim without whom the rest is enough is spared.
Borrowed capacity comes first: only jobs that borrowed when they started give way to other shares,
and only while their share holds more than its quota.
"""

from numba import njit

from analytics.share_replay.quota_line import (
    BORROWERS,
    VICTIMS,
    Clock,
    Fates,
    Line,
    Log,
    preempt,
    release,
    take,
)
from analytics.share_replay.quota_room import (
    BORROWED,
    CAPACITY,
    USED,
    Held,
    Quotas,
    borrowed,
    lack,
    own_idle,
    room_of,
)
from analytics.share_replay.requests import Whole
from analytics.share_replay.strict_order import Jobs


@njit(cache=True)
def reclaim(
    jobs: Jobs,
    quotas: Quotas,
    held: Held,
    line: Line,
    fates: Fates,
    clock: Clock,
    log: Log,
    job: Whole,
    now_us: Whole,
) -> None:
    """Preempt borrowers until a job within its share's quota fits."""
    if jobs.size[job] <= room_of(quotas, held, quotas.of_job[job]):
        return
    needed = lack(quotas, held, quotas.of_job[job], jobs.size[job])
    count, freed = 0, 0
    while freed < needed:
        victim = _first_borrower(quotas, held, line)
        if victim < 0:
            break
        release(jobs, quotas, held, line, fates, victim)
        line.picked[count] = victim
        freed += jobs.size[victim]
        count += 1
    _preempt_picked(jobs, quotas, held, line, fates, clock, log, now_us, count, freed - needed)


@njit(cache=True)
def shed(
    jobs: Jobs,
    quotas: Quotas,
    held: Held,
    line: Line,
    fates: Fates,
    clock: Clock,
    log: Log,
    now_us: Whole,
) -> None:
    """Preempt jobs until those that run fit into a capacity that fell: borrowers first."""
    count = 0
    while held.totals[USED] > held.totals[CAPACITY]:
        victim = _first_borrower(quotas, held, line)
        if victim < 0:
            for share in range(len(quotas.quota)):
                if line.counts[VICTIMS, share]:
                    other = line.victims[quotas.first[share]]
                    if victim < 0 or line.victim_key[other] < line.victim_key[victim]:
                        victim = other
        release(jobs, quotas, held, line, fates, victim)
        line.picked[count] = victim
        count += 1
    spare = held.totals[CAPACITY] - held.totals[USED]
    _preempt_picked(jobs, quotas, held, line, fates, clock, log, now_us, count, spare)


@njit(cache=True)
def _first_borrower(quotas: Quotas, held: Held, line: Line) -> Whole:
    """Return the borrowing job to be preempted first; -1: no share holds more than its quota."""
    victim = -1
    for share in range(len(quotas.quota)):
        if line.counts[BORROWERS, share] and borrowed(quotas, held, share):
            job = line.borrowers[quotas.first[share]]
            if victim < 0 or line.victim_key[job] < line.victim_key[victim]:
                victim = job
    return victim


@njit(cache=True)
def _preempt_picked(
    jobs: Jobs,
    quotas: Quotas,
    held: Held,
    line: Line,
    fates: Fates,
    clock: Clock,
    log: Log,
    now_us: Whole,
    count: Whole,
    spare: Whole,
) -> None:
    """Preempt the jobs that were released, but for those that the spare capacity can keep."""
    for place in range(count - 1, -1, -1):
        victim = line.picked[place]
        if jobs.size[victim] <= spare:
            spare -= jobs.size[victim]
            take(jobs, quotas, held, line, fates, victim)
            line.picked[place] = -1
    for place in range(count):
        if line.picked[place] >= 0:
            preempt(jobs, quotas, line, fates, clock, log, line.picked[place], now_us)


@njit(cache=True)
def _fits(jobs: Jobs, quotas: Quotas, held: Held, job: Whole) -> bool:
    """Return whether a job may start, taking back what others borrowed if that is needed."""
    share, size = quotas.of_job[job], jobs.size[job]
    if size <= room_of(quotas, held, share):
        return True
    if size > own_idle(quotas, held, share):
        return False
    is_enough: bool = lack(quotas, held, share, size) <= held.totals[BORROWED]
    return is_enough


@njit(cache=True)
def give_way(
    jobs: Jobs,
    quotas: Quotas,
    held: Held,
    line: Line,
    fates: Fates,
    clock: Clock,
    log: Log,
    job: Whole,
    now_us: Whole,
) -> None:
    """Preempt running jobs of the same share and less priority until a job fits."""
    share = quotas.of_job[job]
    count = 0
    while not _fits(jobs, quotas, held, job):
        victim = line.victims[quotas.first[share]]
        release(jobs, quotas, held, line, fates, victim)
        line.picked[count] = victim
        count += 1
    for place in range(count - 1, -1, -1):
        victim = line.picked[place]
        take(jobs, quotas, held, line, fates, victim)
        if _fits(jobs, quotas, held, job):
            line.picked[place] = -1
        else:
            release(jobs, quotas, held, line, fates, victim)
    for place in range(count):
        if line.picked[place] >= 0:
            preempt(jobs, quotas, line, fates, clock, log, line.picked[place], now_us)
