"""The scheduler of the demo's queues: a small event loop that obeys the rules of AWS Batch.

Batch User Guide, "Fair-share scheduling" and "Quota management": fair share never preempts and
serves the share with the least weighted usage next; with quotas a share is owed its own capacity,
gets it back from those who borrowed it, and may let its own urgent jobs go before others. What the
guide leaves open is assumed: jobs of a share go in order of priority and then of request, and a
job that does not fit is not overtaken within its share (nor, in a fair-share queue, by another);
of those who must give way the least urgent goes first, of equals the one that started last; what
nobody owns at the moment goes to the oldest request; an instance is free in the very moment in
which it is given up.
"""

import heapq
from collections.abc import Iterable
from itertools import count
from math import exp

from data.demo.pools import AS_OF_MS
from data.demo.queues import CHANGED_MS, FAILED, PREEMPTED, Attempt, Queue, QueueJob, Share

_END, _CHANGE, _REQUEST = range(3)


def run_queue(queue: Queue, jobs: Iterable[QueueJob]) -> None:
    """Give the jobs of a queue their attempts, up to the end of the history."""
    scheduler = _Quotas(queue) if queue.has_quotas else _FairShare(queue)
    order = count()
    events: list[tuple[int, int, int, QueueJob | Attempt | None]] = [
        (job.created_ms, _REQUEST, next(order), job) for job in jobs
    ]
    events.append((CHANGED_MS, _CHANGE, next(order), None))
    heapq.heapify(events)
    while events and events[0][0] < AS_OF_MS:
        now_ms = events[0][0]
        while events and events[0][0] == now_ms:
            match heapq.heappop(events)[-1]:
                case QueueJob() as job:
                    scheduler.wait(job)
                case Attempt(is_open=True) as attempt:
                    scheduler.end(attempt.job, now_ms)
                case None:
                    scheduler.can_borrow = True
        for attempt in scheduler.start(now_ms):
            if attempt.is_open:
                heapq.heappush(events, (attempt.released_ms, _END, next(order), attempt))


class _Scheduler:
    """What runs and what waits in one queue."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.can_borrow = False
        self.free = queue.capacity
        self.waiting: dict[str, list[QueueJob]] = {share.name: [] for share in queue.shares}
        self.running: dict[str, list[QueueJob]] = {share.name: [] for share in queue.shares}

    def wait(self, job: QueueJob) -> None:
        """Let a job wait in its share: the most urgent first, then the oldest."""
        waiting = self.waiting[job.share.name]
        waiting.append(job)
        waiting.sort(key=lambda other: (-other.priority, other.created_ms, other.number))

    def end(self, job: QueueJob, now_ms: int) -> None:
        """Take a job's instances back at the end of its attempt."""
        self.running[job.share.name].remove(job)
        self.free += job.instance_count
        job.attempts[-1].is_open = False
        job.attempts[-1].released_ms = now_ms
        if not job.is_over:
            self.wait(job)

    def start(self, now_ms: int) -> list[Attempt]:
        """Start what can start; return the new attempts."""
        started = []
        while (job := self.next_job(now_ms)) is not None:
            started.append(self.begin(job, now_ms))
        return started

    def begin(self, job: QueueJob, now_ms: int) -> Attempt:
        """Give a job its instances; return the attempt."""
        place = len(job.attempts) - len(job.preempted)
        is_last = place >= len(job.failed_after_ms)
        attempt = Attempt(
            job=job,
            allocated_ms=now_ms,
            released_ms=now_ms + (job.run_ms if is_last else job.failed_after_ms[place]),
            outcome=job.ending if is_last else FAILED,
        )
        job.attempts.append(attempt)
        self.waiting[job.share.name].remove(job)
        self.running[job.share.name].append(job)
        self.free -= job.instance_count
        return attempt

    def next_job(self, now_ms: int) -> QueueJob | None:
        """Return the job that starts next, with room made for it; None if none can."""
        raise NotImplementedError

    def used(self, share: Share) -> int:
        """Return the instances that a share holds."""
        return sum(job.instance_count for job in self.running[share.name])

    def heads(self) -> list[QueueJob]:
        """Return the first job of each share that waits, the oldest first."""
        heads = [waiting[0] for waiting in self.waiting.values() if waiting]
        return sorted(heads, key=lambda job: (job.created_ms, job.number))


class _FairShare(_Scheduler):
    """The share with the least weighted usage is next; nobody gives way."""

    def __init__(self, queue: Queue) -> None:
        super().__init__(queue)
        self.usage = {share.name: 0.0 for share in queue.shares}
        self.counted_ms = 0

    def next_job(self, now_ms: int) -> QueueJob | None:
        heads = self.heads()
        if not heads:
            return None
        self._count(now_ms)
        job = min(heads, key=lambda head: self.usage[head.share.name] * head.share.weight)
        return job if job.instance_count <= self.free else None

    def start(self, now_ms: int) -> list[Attempt]:
        self._count(now_ms)
        return super().start(now_ms)

    def end(self, job: QueueJob, now_ms: int) -> None:
        self._count(now_ms)
        super().end(job, now_ms)

    def _count(self, now_ms: int) -> None:
        """Let past usage fade, and add what was used since the last count."""
        decay_s = float(self.queue.decay_s or 600)
        kept = exp((self.counted_ms - now_ms) / 1000 / decay_s)
        for share in self.queue.shares:
            added = self.used(share) * decay_s * (1 - kept)
            self.usage[share.name] = self.usage[share.name] * kept + added
        self.counted_ms = now_ms


class _Quotas(_Scheduler):
    """Each share is owed its quota; what nobody uses is lent where shares may borrow."""

    def next_job(self, now_ms: int) -> QueueJob | None:
        heads = self.heads()
        for job in heads:
            if self._is_own(job):
                self._give_way(self._borrowers(job), job.instance_count - self.free, now_ms)
                return job
        if self.can_borrow and heads and heads[0].instance_count <= self.free:
            return heads[0]
        return next((job for job in heads if self._displaces(job, now_ms)), None)

    def _is_own(self, job: QueueJob) -> bool:
        """Whether a job fits into what its share is owed."""
        return self.used(job.share) + job.instance_count <= job.share.quota

    def begin(self, job: QueueJob, now_ms: int) -> Attempt:
        has_borrowed = not self._is_own(job)
        attempt = super().begin(job, now_ms)
        attempt.has_borrowed = has_borrowed
        return attempt

    def _borrowers(self, job: QueueJob) -> list[QueueJob]:
        """Return jobs of other shares by which these return what they borrowed."""
        found = []
        for share in self.queue.shares:
            over = 0 if share is job.share else self.used(share) - share.quota
            running = (one for one in self.running[share.name] if one.attempts[-1].has_borrowed)
            for other in sorted(running, key=_gives_way):
                if over > 0:
                    over -= other.instance_count
                    found.append(other)
        return found

    def _displaces(self, job: QueueJob, now_ms: int) -> bool:
        """Let less urgent jobs of the same share give way, where that makes enough room."""
        if not job.share.has_in_share_preemption:
            return False
        less_urgent = [
            other for other in self.running[job.share.name] if other.priority < job.priority
        ]
        own_room = max(0, job.share.quota - self.used(job.share))
        wanted = job.instance_count - (self.free if self.can_borrow else own_room)
        if sum(other.instance_count for other in less_urgent) < wanted:
            return False
        self._give_way(less_urgent, wanted, now_ms)
        return True

    def _give_way(self, candidates: list[QueueJob], wanted: int, now_ms: int) -> None:
        """Preempt jobs, and no more than needed, so that `wanted` more instances are free."""
        chosen: list[QueueJob] = []
        for job in sorted(candidates, key=_gives_way):
            if wanted > 0:
                wanted -= job.instance_count
                chosen.append(job)
        for job in reversed(chosen.copy()):
            if job.instance_count <= -wanted:
                wanted += job.instance_count
                chosen.remove(job)
        for job in chosen:
            job.attempts[-1].outcome = PREEMPTED
            self.end(job, now_ms)


def _gives_way(job: QueueJob) -> tuple[int, int, int]:
    """Return the place of a running job among those that give way."""
    return (job.priority, -job.attempts[-1].allocated_ms, -job.number)
