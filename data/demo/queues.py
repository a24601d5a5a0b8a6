"""The queues of the demo history: who shares which capacity, and by which rules.

Everything here is made up. The last four weeks of the history tell two stories.

- `demo-training` has 24 instances, a quarter of them for each of four teams. Until `CHANGED_MS`
  every share keeps its idle capacity to itself (RESERVE); a team that is in a hurry fills its own
  six instances and waits, while the other eighteen are nearly idle. From then on they lend and
  borrow (LEND_AND_BORROW): the same hurry now runs on what the others leave, and the highest hour
  of the queue goes from about 40 % of its capacity to over 80 %. The demand is drawn in the same
  way before and after.
- `demo-shared` is a fair-share queue with weights 1, 3 and 5. Fair share never preempts, so that
  long jobs, submitted in the evening by the share with the least claim, still hold the queue in
  the morning, when the share with the greatest claim asks for it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from data.demo.pools import OTHER_ACCOUNT

QUEUE_ACCOUNT, QUEUE_REGION = OTHER_ACCOUNT, "us-west-2"
FIRST_WEEK_MS = int(datetime(2026, 10, 19, tzinfo=UTC).timestamp()) * 1000  # a Monday
CHANGED_MS = int(datetime(2026, 11, 2, tzinfo=UTC).timestamp()) * 1000  # a Monday
BUSY, CPU_BOUND, IDLE, MIXED = "busy", "cpu bound", "idle", "mixed"
COMPLETED, FAILED, STOPPED, PREEMPTED = "Completed", "Failed", "Stopped", "Preempted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One share of a queue: a quota, or a weight."""

    name: str
    users: tuple[str, ...]
    quota: int = 0
    has_in_share_preemption: bool = False
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One queue, its capacity, and the shares in it; without a decay it has quotas."""

    name: str
    instance_type: str
    capacity: int
    shares: tuple[Share, ...]
    decay_s: int | None = None

    @property
    def has_quotas(self) -> bool:
        """Whether its shares have quotas, not weights."""
        return self.decay_s is None


TRAINING = Queue(
    name="demo-training",
    instance_type="ml.g6.12xlarge",
    capacity=24,
    shares=(
        Share(name="vision", users=("ada", "grace"), quota=6, has_in_share_preemption=True),
        Share(name="language", users=("alan", "barbara"), quota=6),
        Share(name="ranking", users=("edsger", "katherine"), quota=6, has_in_share_preemption=True),
        Share(name="platform", users=("donald", "margaret"), quota=6),
    ),
)
SHARED = Queue(
    name="demo-shared",
    instance_type="ml.g6.2xlarge",
    capacity=12,
    decay_s=7200,
    shares=(
        Share(name="retrain", users=("katherine", "donald"), weight=1),
        Share(name="research", users=("barbara", "ada"), weight=3),
        Share(name="sweeps", users=("edsger", "margaret"), weight=5),
    ),
)
QUEUES = (TRAINING, SHARED)


@dataclass(slots=True, kw_only=True, eq=False)
class Attempt:
    """One time that a job held capacity: one training job."""

    job: "QueueJob"
    allocated_ms: int
    released_ms: int
    outcome: str
    is_open: bool = True
    has_borrowed: bool = False
    """Whether it started beyond the quota of its share."""


@dataclass(slots=True, kw_only=True, eq=False)
class QueueJob:
    """One service job: what it asks for, how its attempts will end, and what came of it."""

    queue: Queue
    share: Share
    number: int
    user: str
    priority: int
    instance_count: int
    created_ms: int
    run_ms: int
    """From holding capacity to the end, of an attempt that nothing cuts short."""
    profile: str = BUSY
    ending: str = COMPLETED
    failed_after_ms: tuple[int, ...] = ()
    """The attempts that fail before the last, and how long each takes."""
    attempt_limit: int = 1
    preemption_limit: int | None = None
    """How often it is queued again after a preemption; None is always."""
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name that it was submitted under."""
        return f"demo-{self.share.name}-{self.number:04d}"

    @property
    def preempted(self) -> list[Attempt]:
        """The attempts that were cut short for another job."""
        return [attempt for attempt in self.attempts if attempt.outcome == PREEMPTED]

    @property
    def is_over(self) -> bool:
        """Whether no attempt of it runs or will come."""
        if not self.attempts or self.attempts[-1].is_open:
            return False
        is_given_up = (
            self.preemption_limit is not None and len(self.preempted) > self.preemption_limit
        )
        if self.attempts[-1].outcome == PREEMPTED:
            return is_given_up
        return len(self.attempts) - len(self.preempted) > len(self.failed_after_ms)
