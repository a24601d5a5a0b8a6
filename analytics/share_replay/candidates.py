"""The settings that a search tries: each a scenario, and why it may be better."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from analytics.share_replay.aws_requests import LEAST_QUOTA
from analytics.share_replay.requests import Floats, Requests
from analytics.share_replay.scenario import LEAST_DECAY_S, Scenario, Share

DECAYS_S = (LEAST_DECAY_S, 3600.0, 86_400.0)
BORROW_LIMITS_PCT = (50.0, 100.0)
_LEAST_WEIGHT, _MOST_WEIGHT = 0.0001, 999.9999
_SHIFT_RATIO = 0.1
"""How much of the capacity a refinement moves from one share to another."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Settings to try, and what speaks for them."""

    scenario: Scenario
    reason: str


def candidates(requests: Requests, base: Scenario) -> Iterator[Candidate]:
    """Yield settings to try instead of the base, of the same capacity."""
    demand = demand_ratios(requests)
    capacity = base.capacity[-1].capacity
    plain = replace(
        base, scope="queue", backfill="none", reservation_ratio=0.0, shares=(), share_capacities=()
    )
    yield Candidate(
        replace(plain, policy="fifo", name="One line (FIFO)"),
        "One line for all uses whatever is free, in the order of requests.",
    )
    if len(requests.share_names) > 1:
        yield from _fair_shares(requests, base, plain, demand)
        yield from _quotas(requests, base, plain, demand, capacity)


def demand_ratios(requests: Requests) -> Floats:
    """Return each share's part of the work that is asked for: size x run time."""
    work = np.where(requests.is_replayed, requests.size * requests.run_us, 0.0)
    names = requests.share_names
    by_share = np.bincount(requests.share, work, minlength=len(names))
    total = by_share.sum()
    ratio: Floats = by_share / total if total else np.full(len(names), 1 / max(len(names), 1))
    return ratio


def _fair_shares(
    requests: Requests, base: Scenario, plain: Scenario, demand: Floats
) -> Iterator[Candidate]:
    names = requests.share_names
    weights = {
        "equal weights": (
            np.ones(len(names)),
            "Equal weights let the share that used least go next.",
        ),
        "weights by demand": (
            demand.max() / np.maximum(demand, 1e-9),
            "Weights by demand give each share capacity in proportion to its work.",
        ),
    }
    if base.policy == "fair_share":
        own = np.array([base.share(name).weight for name in names])
        weights["today's weights"] = (own, "The same weights, with another memory of past usage.")
    for kind, (weight, reason) in weights.items():
        shares = tuple(
            Share(name, weight=float(np.round(np.clip(one, _LEAST_WEIGHT, _MOST_WEIGHT), 4)))
            for name, one in zip(names, weight, strict=True)
        )
        for decay_s in DECAYS_S:
            scenario = replace(
                plain,
                policy="fair_share",
                shares=shares,
                decay_s=decay_s,
                name=f"Fair share, {kind}, decay {_period(decay_s)}",
            )
            yield Candidate(
                scenario, f"{reason} Usage counts for about {_period(decay_s)} after it."
            )


def _quotas(
    requests: Requests, base: Scenario, plain: Scenario, demand: Floats, capacity: float
) -> Iterator[Candidate]:
    names = requests.share_names
    splits = {
        "quotas by demand": (
            demand,
            "Quotas follow the work that each share asks for, and idle quota is lent.",
        ),
        "equal quotas": (
            np.full(len(names), 1 / len(names)),
            "Equal quotas, and idle quota is lent.",
        ),
    }
    quotas = {kind: (whole_quotas(split, capacity), why) for kind, (split, why) in splits.items()}
    own = [base.share(name).quota for name in names]
    if base.policy == "quota" and all(quota is not None for quota in own):
        quotas["today's quotas"] = (
            np.array([quota or 0.0 for quota in own]),
            "The same quotas, but idle quota is lent to whoever waits.",
        )
    for kind, (quota, reason) in quotas.items():
        lending = replace(
            plain,
            policy="quota",
            name=f"Lending, {kind}",
            shares=tuple(
                Share(name, quota=float(one)) for name, one in zip(names, quota, strict=True)
            ),
        )
        yield Candidate(lending, reason)
        yield Candidate(
            _with_shares(lending, "in-share preemption", has_in_share_preemption=True),
            f"{reason} Urgent jobs take the place of less urgent ones of their share.",
        )
        for limit_pct in BORROW_LIMITS_PCT:
            yield Candidate(
                _with_shares(lending, f"borrow limit {limit_pct:g} %", borrow_limit_pct=limit_pct),
                f"{reason} A borrow limit bounds how much work preemption can cut off.",
            )


def _with_shares(scenario: Scenario, what: str, **changes: float | bool) -> Scenario:
    shares = tuple(replace(share, **changes) for share in scenario.shares)  # type: ignore[arg-type]
    return replace(scenario, shares=shares, name=f"{scenario.name}, {what}")


def refined(candidate: Candidate, worst_share: str, best_share: str) -> Candidate | None:
    """Return a candidate with more for the share that waits longest, at the cost of another."""
    scenario = candidate.scenario
    if worst_share == best_share:
        return None
    by_name = {share.name: share for share in scenario.shares}
    if worst_share not in by_name or best_share not in by_name:
        return None
    worst, best = by_name[worst_share], by_name[best_share]
    if scenario.policy == "fair_share":
        by_name[worst_share] = replace(worst, weight=max(worst.weight / 2, _LEAST_WEIGHT))
        change = f"{worst_share or 'no share'} counts half"
    elif scenario.policy == "quota":
        moved = min(round(scenario.capacity[-1].capacity * _SHIFT_RATIO), best.quota or 0)
        if not moved:
            return None
        by_name[worst_share] = replace(worst, quota=(worst.quota or 0) + moved)
        by_name[best_share] = replace(best, quota=(best.quota or 0) - moved)
        change = f"{moved:g} more for {worst_share or 'no share'}"
    else:
        return None
    return Candidate(
        replace(scenario, shares=tuple(by_name.values()), name=f"{scenario.name}, {change}"),
        f"{candidate.reason} The share that waited longest gets more.",
    )


def whole_quotas(ratio: Floats, capacity: float) -> Floats:
    """Return whole quotas in these proportions that add up to the capacity's whole part.

    AWS takes no quota below 1: where there is enough, each share has one.

    >>> whole_quotas(np.array([0.5, 0.25, 0.25]), 10).tolist()
    [5.0, 3.0, 2.0]
    >>> whole_quotas(np.array([0.9, 0.09, 0.01]), 8).tolist()
    [6.0, 1.0, 1.0]
    """
    exact = ratio / ratio.sum() * int(capacity)
    quota: Floats = np.floor(exact)
    left = int(capacity) - int(quota.sum())
    largest_rest = np.argsort(-(exact - quota), kind="stable")[:left]
    quota[largest_rest] += 1
    while int(capacity) >= len(quota) and quota.min() < LEAST_QUOTA:
        quota[quota.argmax()] -= 1
        quota[quota.argmin()] += 1
    return quota


def _period(seconds: float) -> str:
    for unit_s, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= unit_s:
            count = seconds / unit_s
            return f"{count:g} {unit}{'' if count == 1 else 's'}"
    return f"{seconds:g} s"
