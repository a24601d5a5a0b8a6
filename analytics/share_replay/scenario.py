"""A scenario: the settings of a queue that its history is replayed under."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from data.errors import WrongUseError

POLICIES = ("fifo", "sjf", "fair_share", "quota")
BACKFILLS = ("none", "easy")
UNITS = ("instances", "accelerators")
SCOPES = ("queue", "share")
STRATEGIES = ("RESERVE", "LEND", "LEND_AND_BORROW")

UNLIMITED = -1.0
"""A borrow limit that limits nothing, as AWS writes it."""

MOST_PRIORITY = 9999
"""That a service job can have."""

LEAST_DECAY_S = 600.0
"""What a decay of 0 stands for: AWS's minimum window (assumed for service jobs)."""


@dataclass(frozen=True, slots=True)
class Share:
    """One share of a queue.

    `weight` counts in fair-share queues: a lower one gets more. Quota, strategy, borrow limit
    (per cent of the quota) and preemption count where quotas do. `priority` is that of all its
    jobs; None: each has its own. The name "" is that of jobs without a share.
    """

    name: str
    weight: float = 1.0
    quota: float | None = None
    strategy: str = "LEND_AND_BORROW"
    borrow_limit_pct: float = UNLIMITED
    has_in_share_preemption: bool = False
    priority: int | None = None

    def __post_init__(self) -> None:
        _require(self.strategy in STRATEGIES, "strategy", self.strategy, " or ".join(STRATEGIES))
        _require(0.0001 <= self.weight <= 999.9999, "weight", self.weight, "0.0001 to 999.9999")
        _require(self.quota is None or 0 <= self.quota < 1e9, "quota", self.quota, "0 or more")
        _require(
            self.borrow_limit_pct == UNLIMITED or 0 <= self.borrow_limit_pct < 1e9,
            "borrow_limit_pct",
            self.borrow_limit_pct,
            "0 or more, or -1 for no limit",
        )
        _require(
            self.priority is None or 0 <= self.priority <= MOST_PRIORITY,
            "priority",
            self.priority,
            f"0 to {MOST_PRIORITY}",
        )


@dataclass(frozen=True, slots=True)
class CapacityStep:
    """So much capacity from an instant on; None: from the beginning."""

    since: datetime | None
    capacity: float

    def __post_init__(self) -> None:
        _require(0 <= self.capacity < 1e9, "capacity", self.capacity, "0 or more")
        if self.since is not None and self.since.tzinfo is None:
            message = f"since must carry a time zone, got {self.since!r}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Scenario:
    """The settings of one replay.

    `capacity` is in `capacity_unit`, in order of time; what comes before the first step has the
    first step's. `share_capacities` are those of each share's own pool where `scope` is "share".
    `preemption_retries` is how often any preempted job goes back to its queue before it is ended;
    None: as often as each job itself says, and without limit where it says nothing.
    """

    policy: str = "fifo"
    capacity: tuple[CapacityStep, ...] = ()
    capacity_unit: str = "instances"
    scope: str = "queue"
    backfill: str = "none"
    decay_s: float = LEAST_DECAY_S
    reservation_ratio: float = 0.0
    preemption_retries: int | None = None
    shares: tuple[Share, ...] = ()
    share_capacities: tuple[tuple[str, tuple[CapacityStep, ...]], ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        for key, value, choices in (
            ("policy", self.policy, POLICIES),
            ("backfill", self.backfill, BACKFILLS),
            ("capacity_unit", self.capacity_unit, UNITS),
            ("scope", self.scope, SCOPES),
        ):
            _require(value in choices, key, value, f"one of: {', '.join(choices)}")
        _require(0 <= self.decay_s <= 604_800, "decay_s", self.decay_s, "0 to 604800 seconds")
        _require(
            0 <= self.reservation_ratio < 1,
            "reservation_ratio",
            self.reservation_ratio,
            "0 to less than 1",
        )
        _require(
            self.preemption_retries is None or self.preemption_retries >= 0,
            "preemption_retries",
            self.preemption_retries,
            "0 or more",
        )
        if self.backfill == "easy" and self.policy not in ("fifo", "sjf"):
            raise WrongUseError(
                f"'backfill=easy' does not go with 'policy={self.policy}'.",
                next_action="Use it with policy=fifo or policy=sjf.",
            )
        names = [share.name for share in self.shares]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise WrongUseError(
                f"The scenario has share '{twice}' twice.", next_action="Keep one of the two."
            )

    @classmethod
    def of(cls, policy: str, capacity: float, shares: Iterable[Share] = ()) -> Self:
        """Return a scenario of one capacity at all times.

        >>> Scenario.of("fifo", 128).capacity
        (CapacityStep(since=None, capacity=128.0),)
        """
        return cls(policy, (CapacityStep(None, float(capacity)),), shares=tuple(shares))

    def share(self, name: str) -> Share:
        """Return a share's settings; the defaults where it has none of its own.

        A name that ends with * stands for all that begin so, as in AWS's share identifiers.
        """
        for share in self.shares:
            if share.name == name:
                return share
        for share in self.shares:
            if share.name.endswith("*") and name.startswith(share.name[:-1]):
                return replace(share, name=name)
        return Share(name)


def _require(is_met: bool, key: str, value: object, expected: str) -> None:  # noqa: FBT001
    if not is_met:
        raise WrongUseError(f"'{key}' cannot be '{value}'.", next_action=f"Give {expected}.")
