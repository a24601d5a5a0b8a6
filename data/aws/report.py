"""What a synchronisation is going to do, and what it has done."""

from collections import Counter
from dataclasses import dataclass, field

from data.aws.pages import Step
from data.aws.scope import Scope
from data.errors import StokerError


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """The steps of a synchronisation, and the accounts and regions that it is for."""

    steps: tuple[Step, ...]
    scopes: tuple[Scope, ...] = field(default=(), repr=False)
    problems: tuple[StokerError, ...] = ()
    """What keeps an account from being read."""

    @property
    def request_count(self) -> int:
        """How many requests it is, as far as that can be known."""
        return sum(step.request_count for step in self.steps)

    @property
    def cost_usd(self) -> float:
        """What AWS charges for them."""
        return sum(step.cost_usd for step in self.steps)

    @property
    def seconds(self) -> float:
        """About how long they take."""
        return sum(step.seconds for step in self.steps)

    @property
    def is_least(self) -> bool:
        """Whether there may be more of them."""
        return any(step.is_least for step in self.steps)


@dataclass(slots=True)
class SyncReport:
    """What a synchronisation has read, and what it could not read."""

    requests: Counter[str] = field(default_factory=Counter)
    """Requests by operation, as IAM names it."""
    retries: Counter[str] = field(default_factory=Counter)
    """Those of them that repeat one that failed."""
    least_requests: int = 0
    """How many a reader would need that knew before what there is, and that never failed."""
    denied: dict[str, list[str]] = field(default_factory=dict)
    """IAM actions that are missing, and where."""
    problems: list[StokerError] = field(default_factory=list)
    """What ended a source or an account before its end."""
    accepted: Counter[str] = field(default_factory=Counter)
    """Records that were new or changed something, by kind."""
    unchanged: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    is_cancelled: bool = False

    def count(self, scope: Scope) -> None:
        """Add what an account and region took."""
        calls = scope.calls
        self.requests += calls.requests
        self.retries += calls.retries
        needless = calls.retries.total() + scope.surplus.total()
        self.least_requests += max(0, calls.requests.total() - needless)
        for action in scope.denied:
            self.denied.setdefault(action, []).append(calls.where)
