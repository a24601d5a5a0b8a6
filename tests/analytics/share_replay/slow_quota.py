"""Quota management as its definition reads: plain lists, everything counted again each time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from analytics.share_replay.scenario import UNLIMITED, Share
from tests.analytics.share_replay.histories import Row


@dataclass
class SlowQuota:
    """A queue with quotas; `found` is each job's last start, `counts` how often it is preempted."""

    rows: Sequence[Row]
    shares: dict[str, Share]
    capacity: float
    waiting: list[int] = field(default_factory=list)
    running: dict[int, tuple[float, int, bool]] = field(default_factory=dict)  # start, no, borrows
    found: dict[int, float] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    preempted_at: dict[int, float] = field(default_factory=dict)
    ended_early: dict[int, float] = field(default_factory=dict)
    start_count: int = 0

    def used(self, share: str) -> float:
        return sum(self.rows[job].size for job in self.running if self.rows[job].share == share)

    def idle(self, share: str) -> float:
        return max(0, (self.shares[share].quota or 0) - self.used(share))

    def over(self, share: str) -> float:
        return max(0, self.used(share) - (self.shares[share].quota or 0))

    def lendable(self) -> float:
        lenders = (one.name for one in self.shares.values() if one.strategy != "RESERVE")
        return sum(self.idle(name) for name in lenders)

    def borrowed(self) -> float:
        return sum(self.over(name) for name in self.shares)

    def total(self) -> float:
        return sum(self.rows[job].size for job in self.running)

    def limit(self, share: str) -> float:
        """The most that a share may borrow: no more than the others have to lend."""
        one = self.shares[share]
        if one.strategy != "LEND_AND_BORROW":
            return 0
        others = sum(
            other.quota or 0
            for other in self.shares.values()
            if other.name != share and other.strategy != "RESERVE"
        )
        if one.borrow_limit_pct == UNLIMITED:
            return others
        return min(others, (one.quota or 0) * one.borrow_limit_pct / 100)

    def is_allowed(self, job: int) -> bool:
        """Try it, and look whether every rule holds then."""
        share = self.rows[job].share
        self.running[job] = (0.0, 0, False)
        holds = (
            self.total() <= self.capacity
            and self.over(share) <= self.limit(share)
            and self.borrowed() <= self.lendable()
        )
        del self.running[job]
        return holds

    def lack(self, job: int) -> float:
        """How much borrowers must give back for a job within its share's quota."""
        size, share = self.rows[job].size, self.rows[job].share
        missing = self.total() + size - self.capacity
        if self.shares[share].strategy != "RESERVE":
            missing = max(missing, self.borrowed() - self.lendable() + size)
        return missing

    def is_own(self, job: int) -> bool:
        return self.rows[job].size <= self.idle(self.rows[job].share)

    def can_reclaim(self, job: int) -> bool:
        return self.is_own(job) and self.lack(job) <= self.borrowed()

    def order(self, job: int) -> tuple[int, int]:
        """Which victim comes first: the least priority, then the newest."""
        return self.rows[job].priority, -self.running[job][1]

    def heads(self) -> list[int]:
        """The first job of each share, the oldest first."""

        def key(job: int) -> tuple[float, ...]:
            return (-self.rows[job].priority, self.rows[job].created_s, job)

        shares = {self.rows[job].share for job in self.waiting}
        found = [
            min((job for job in self.waiting if self.rows[job].share == share), key=key)
            for share in shares
        ]
        return sorted(found, key=lambda job: (self.rows[job].created_s, job))

    def start(self, job: int, now_s: float) -> None:
        share = self.rows[job].share
        is_borrowing = not self.is_own(job)
        assert self.is_allowed(job), (job, share)
        self.waiting.remove(job)
        self.start_count += 1
        self.running[job] = (now_s, self.start_count, is_borrowing)
        self.found[job] = now_s

    def preempt(
        self, now_s: float, candidates: Callable[[], list[int]], is_enough: Callable[[], bool]
    ) -> None:
        """Take victims in order until it is enough, then spare those without whom it still is."""
        taken: list[tuple[int, tuple[float, int, bool]]] = []
        while not is_enough():
            victim = min(candidates(), key=self.order)
            taken.append((victim, self.running.pop(victim)))
        for victim, state in reversed(taken.copy()):
            self.running[victim] = state
            if is_enough():
                taken.remove((victim, state))
            else:
                del self.running[victim]
        for victim, _ in taken:
            self.counts[victim] = self.counts.get(victim, 0) + 1
            self.preempted_at[victim] = now_s
            if 0 <= self.rows[victim].retries < self.counts[victim]:
                self.ended_early[victim] = now_s
            else:
                del self.found[victim]
                self.waiting.append(victim)

    def reclaim(self, job: int, now_s: float) -> None:
        def borrowers() -> list[int]:
            return [
                other
                for other, (_, _, is_borrowing) in self.running.items()
                if is_borrowing and self.over(self.rows[other].share) > 0
            ]

        self.preempt(now_s, borrowers, lambda: self.is_allowed(job))

    def give_way(self, job: int, now_s: float) -> None:
        def lower() -> list[int]:
            mine = self.rows[job]
            return [
                other
                for other in self.running
                if self.rows[other].share == mine.share
                and self.rows[other].priority < mine.priority
            ]

        self.preempt(now_s, lower, lambda: self.is_allowed(job) or self.can_reclaim(job))

    def can_give_way(self, job: int) -> bool:
        mine = self.rows[job]
        kept = dict(self.running)
        lower = [
            other
            for other in kept
            if self.rows[other].share == mine.share and self.rows[other].priority < mine.priority
        ]
        for other in lower:
            del self.running[other]
        is_enough = bool(lower) and (self.is_allowed(job) or self.can_reclaim(job))
        self.running = kept
        return is_enough

    def start_one(self, now_s: float) -> bool:
        """Start one job, if any can."""
        heads = self.heads()
        may_preempt = [job for job in heads if self.preempted_at.get(job) != now_s]
        for job in heads:
            if self.is_own(job) and self.is_allowed(job):
                self.start(job, now_s)
                return True
            if job in may_preempt and self.can_reclaim(job):
                self.reclaim(job, now_s)
                self.start(job, now_s)
                return True
        borrowers = [
            job
            for job in heads
            if not self.is_own(job)
            and self.used(self.rows[job].share)
            + self.rows[job].size
            - (self.shares[self.rows[job].share].quota or 0)
            <= self.limit(self.rows[job].share)
        ]
        if borrowers and self.is_allowed(borrowers[0]):
            self.start(borrowers[0], now_s)
            return True
        for job in may_preempt:
            own = self.shares[self.rows[job].share]
            if own.has_in_share_preemption and self.can_give_way(job):
                self.give_way(job, now_s)
                if not self.is_allowed(job):
                    self.reclaim(job, now_s)
                self.start(job, now_s)
                return True
        return False

    def can_ever_start(self, job: int) -> bool:
        size, share = self.rows[job].size, self.rows[job].share
        most = (self.shares[share].quota or 0) + self.limit(share)
        return size <= min(most, self.capacity)

    def run(self) -> None:
        """Replay all rows."""
        to_come = sorted(range(len(self.rows)), key=lambda job: (self.rows[job].created_s, job))
        while to_come or self.running:
            ends = {
                job: start + self.rows[job].run_s for job, (start, _, _) in self.running.items()
            }
            now_s = min([self.rows[job].created_s for job in to_come] + list(ends.values()))
            for job, end_s in ends.items():
                if end_s == now_s:
                    del self.running[job]
            while to_come and self.rows[to_come[0]].created_s <= now_s:
                job = to_come.pop(0)
                if self.can_ever_start(job):
                    self.waiting.append(job)
            while self.start_one(now_s):
                pass
