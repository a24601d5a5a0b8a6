"""The bands of a queue second by second, in the plainest way: what the kernel is compared with."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

HOUR_S = 3600


@dataclass
class Case:
    """One queue: jobs (share, request, start, end, size), and what says who owns what."""

    jobs: list[tuple[str, int, int | None, int | None, int]]
    capacities: list[tuple[int, float]] = field(default_factory=list)  # by the second, sorted
    quotas: dict[str, float] = field(default_factory=dict)
    reserves: frozenset[str] = frozenset()
    weights: dict[str, float] = field(default_factory=dict)
    shares: tuple[str, ...] = ("a", "b", "c")


def hourly(case: Case) -> dict[tuple[str, int], dict[str, float]]:
    """Return the sums of each share and hour in unit-hours; no share is `unassigned`."""
    times = [at for _, *moments, _ in case.jobs for at in moments if at is not None]
    first, horizon = min(times) // HOUR_S * HOUR_S, max(times)
    sums: dict[tuple[str, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for second in range(first, horizon):
        for share, levels in at_second(case, second, horizon).items():
            for name, level in levels.items():
                sums[share, second // HOUR_S][name] += level / HOUR_S
    return sums


def at_second(case: Case, second: int, horizon: int) -> dict[str, dict[str, float]]:
    """Return the levels of each share during one second."""
    used, requested = dict.fromkeys(case.shares, 0.0), dict.fromkeys(case.shares, 0.0)
    active: set[str] = set()
    for share, request, start, end, size in case.jobs:
        if request <= second < (horizon if end is None else end):
            active.add(share)
            requested[share] += size
            used[share] += size if start is not None and second >= start else 0
    capacity = capacity_at(case, second)
    own = owned(case, active, capacity)
    if own is None or (case.weights and not case.quotas and capacity is None):
        levels: dict[str, dict[str, float]] = {
            share: {"used": used[share], "waiting": requested[share] - used[share]}
            for share in case.shares
        }
        levels["unassigned"] = {}
        if capacity is not None:
            free = max(0.0, capacity - sum(used.values()))
            levels["unassigned"] = {"own": capacity, "idle": free, "capacity": capacity,
                                    "over": max(0.0, sum(used.values()) - capacity)}  # fmt: skip
            for share in case.shares:
                levels[share]["starved"] = min(levels[share]["waiting"], free)
        return levels
    if capacity is None:
        capacity = sum(own.values())
    borrowed = {share: max(0.0, used[share] - own[share]) for share in case.shares}
    unused = {share: max(0.0, own[share] - used[share]) for share in case.shares}
    unowned = max(0.0, capacity - sum(own.values()))
    needed = sum(borrowed.values())
    lent: dict[str, float] = {}
    for group in ([s for s in case.shares if s not in case.reserves], ["unassigned"],
                  sorted(case.reserves)):  # fmt: skip
        there = {share: unowned if share == "unassigned" else unused[share] for share in group}
        taken = min(needed, sum(there.values()))
        for share in group:
            lent[share] = taken * there[share] / sum(there.values()) if taken else 0.0
        needed -= taken
    left = {share: unused[share] - lent[share] for share in case.shares}
    left["unassigned"] = unowned - lent["unassigned"]
    free = max(0.0, capacity - sum(used.values()))
    if sum(own.values()) > capacity and sum(left.values()):
        ratio = min(1.0, free / sum(left.values()))
        left = {share: ratio * amount for share, amount in left.items()}
    levels = {
        share: {
            "own": own[share],
            "used": used[share],
            "owned_used": min(used[share], own[share]),
            "borrowed": borrowed[share],
            "lent": lent[share],
            "idle": left[share],
            "waiting": requested[share] - used[share],
            "starved": min(requested[share] - used[share], free),
        }
        for share in case.shares
    }
    levels["unassigned"] = {
        "own": unowned, "lent": lent["unassigned"], "idle": left["unassigned"],
        "capacity": capacity, "over": max(0.0, sum(used.values()) - capacity),
    }  # fmt: skip
    return levels


def capacity_at(case: Case, second: int) -> float | None:
    """Return the capacity at a second: what was observed first holds before as well."""
    if not case.capacities:
        return None
    before = [amount for at, amount in case.capacities if at <= second]
    return before[-1] if before else case.capacities[0][1]


def owned(case: Case, active: set[str], capacity: float | None) -> dict[str, float] | None:
    """Return what each share owns; None where nothing says it."""
    if case.quotas:
        return {share: case.quotas.get(share, 0.0) for share in case.shares}
    if not case.weights:
        return None
    parts: dict[str, Any] = {share: 1 / case.weights.get(share, 1.0) for share in active}
    return {share: (capacity or 0.0) * parts.get(share, 0) / (sum(parts.values()) or 1)
            for share in case.shares}  # fmt: skip
