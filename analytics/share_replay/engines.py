"""From requests and a scenario to the arrays that the engines take, and back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from analytics.lending import lendable_quotas
from analytics.share_replay.easy_backfill import run_with_backfill
from analytics.share_replay.fair_share import FairShares, run_fair_share
from analytics.share_replay.quota import run_quota
from analytics.share_replay.quota_room import Quotas
from analytics.share_replay.requests import Floats, Int64s, Requests
from analytics.share_replay.scenario import LEAST_DECAY_S, UNLIMITED, CapacityStep, Scenario
from analytics.share_replay.strict_order import Jobs, Steps, run_in_strict_order
from data.errors import WrongUseError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLIONTHS = 1_000_000
"""Sizes and capacities are whole numbers of these, so that sums of fractions are exact."""


@dataclass(frozen=True, slots=True)
class Run:
    """What an engine made of jobs, by their positions; times are microseconds, -1: never."""

    start_us: Int64s
    end_us: Int64s
    full_us: Int64s
    limit_us: Int64s
    lost_us: Int64s
    preempted_count: Int64s
    is_ended_early: NDArray[np.bool_]
    most: Int64s  # the largest job that could ever start in this job's share, millionths
    preempted_job: Int64s  # attempts that preemption ended
    preempted_start_us: Int64s
    preempted_end_us: Int64s


def run_engine(
    requests: Requests, chosen: Int64s, scenario: Scenario, steps: tuple[CapacityStep, ...]
) -> Run:
    """Run the engine of a scenario on the chosen requests, which share one pool of capacity."""
    eligible_us = requests.eligible_us[chosen]
    base_us = int(eligible_us.min()) if len(chosen) else 0
    capacity = _steps(steps, base_us)
    jobs = _jobs(requests, chosen, scenario, base_us)
    if scenario.policy == "quota":
        run = _quota(requests, chosen, scenario, jobs, capacity)
    elif scenario.policy == "fair_share":
        run = _fair_share(requests, chosen, scenario, jobs, capacity)
    else:
        is_easy = scenario.backfill == "easy"
        found = (run_with_backfill if is_easy else run_in_strict_order)(jobs, capacity)
        run = _without_preemption(found.start_us, found.end_us, found.full_us, None, capacity)
    for times in (run.start_us, run.end_us):
        times[times >= 0] += base_us
    run.preempted_start_us[:] += base_us
    run.preempted_end_us[:] += base_us
    return run


def millionths(amount: Floats | float) -> Int64s:
    """Return amounts as whole numbers."""
    return np.asarray(np.rint(np.asarray(amount, dtype=float) * MILLIONTHS), dtype=np.int64)


def _steps(steps: tuple[CapacityStep, ...], base_us: int) -> Steps:
    since_us = np.array(
        [0 if step.since is None else epoch_us(step.since) - base_us for step in steps],
        dtype=np.int64,
    )
    since_us[0] = 0
    first = int(np.searchsorted(since_us, 0, side="right")) - 1
    capacity = millionths(np.array([step.capacity for step in steps]))[first:]
    best = np.maximum.accumulate(capacity[::-1])[::-1].copy()
    return Steps(since_us[first:], capacity, best)


def epoch_us(instant: datetime) -> int:
    """Return an instant in whole microseconds since 1970."""
    return int((instant - EPOCH) // timedelta(microseconds=1))


def _jobs(requests: Requests, chosen: Int64s, scenario: Scenario, base_us: int) -> Jobs:
    eligible_us = requests.eligible_us[chosen] - base_us
    size = millionths(requests.size[chosen])
    run_us = requests.run_us[chosen]
    sizes, size_class = np.unique(size, return_inverse=True)
    position = np.arange(len(chosen))
    if scenario.policy == "sjf":
        order = np.lexsort((position, run_us))
    elif scenario.policy == "fifo":
        order = position
    else:
        order = np.lexsort((position, -_priorities(requests, chosen, scenario)))
    rank = np.empty(len(chosen), dtype=np.int64)
    rank[order] = position
    return Jobs(
        eligible_us,
        np.argsort(eligible_us, kind="stable"),
        run_us,
        size,
        size_class.astype(np.int64),
        sizes,
        rank,
    )


def _priorities(requests: Requests, chosen: Int64s, scenario: Scenario) -> Int64s:
    """Return the priority of each job: its share's where the scenario gives one, else its own."""
    given = [scenario.share(name).priority for name in requests.share_names]
    is_given = np.array([priority is not None for priority in given], dtype=bool)
    of_share = np.array([priority or 0 for priority in given], dtype=np.int64)
    share = requests.share[chosen]
    return np.where(is_given[share], of_share[share], requests.priority[chosen])


def _retries(requests: Requests, chosen: Int64s, scenario: Scenario) -> Int64s:
    """Return how often each job is queued again: the scenario's number, else the job's own."""
    if scenario.preemption_retries is None:
        return requests.retries[chosen]
    return np.full(len(chosen), scenario.preemption_retries, dtype=np.int64)


def _without_preemption(
    start_us: Int64s, end_us: Int64s, full_us: Int64s, limit_us: Int64s | None, steps: Steps
) -> Run:
    count = len(start_us)
    return Run(
        start_us=start_us,
        end_us=end_us,
        full_us=full_us,
        limit_us=np.zeros(count, dtype=np.int64) if limit_us is None else limit_us,
        lost_us=np.zeros(count, dtype=np.int64),
        preempted_count=np.zeros(count, dtype=np.int64),
        is_ended_early=np.zeros(count, dtype=bool),
        most=np.full(count, steps.best[0]),
        preempted_job=np.empty(0, dtype=np.int64),
        preempted_start_us=np.empty(0, dtype=np.int64),
        preempted_end_us=np.empty(0, dtype=np.int64),
    )


def _firsts(share: Int64s, share_count: int) -> Int64s:
    counts = np.bincount(share, minlength=share_count)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _fair_share(
    requests: Requests, chosen: Int64s, scenario: Scenario, jobs: Jobs, steps: Steps
) -> Run:
    share = requests.share[chosen]
    settings = [scenario.share(name) for name in requests.share_names]
    shares = FairShares(
        of_job=share,
        first=_firsts(share, len(settings)),
        weight=np.array([one.weight for one in settings], dtype=float),
        decay_us=(scenario.decay_s or LEAST_DECAY_S) * 1e6,
        reservation_ratio=float(scenario.reservation_ratio),
    )
    found = run_fair_share(jobs, steps, shares)
    return _without_preemption(found.start_us, found.end_us, found.full_us, found.limit_us, steps)


def _quota(requests: Requests, chosen: Int64s, scenario: Scenario, jobs: Jobs, steps: Steps) -> Run:
    share = requests.share[chosen]
    settings = [scenario.share(name) for name in requests.share_names]
    with_jobs = np.unique(share)
    missing = [requests.share_names[at] for at in with_jobs if settings[at].quota is None]
    if missing:
        names = ", ".join(f"'{name}'" for name in missing[:5])
        raise WrongUseError(
            f"These shares have jobs but no quota: {names}.",
            next_action="Give each a [[share]] block with name and quota in the scenario file.",
        )
    # shares without jobs lend too: their quotas count
    others = [one for one in scenario.shares if one.name not in requests.share_names]
    settings += [one for one in others if one.quota is not None and not one.name.endswith("*")]
    quota = millionths(np.array([one.quota or 0 for one in settings]))
    is_lending = np.array([one.strategy != "RESERVE" for one in settings], dtype=bool)
    is_borrowing = np.array([one.strategy == "LEND_AND_BORROW" for one in settings], dtype=bool)
    lendable = lendable_quotas(quota, is_lending) - quota * is_lending
    limit = np.array(
        [
            int(lendable[at])
            if one.borrow_limit_pct == UNLIMITED
            else int(quota[at] * one.borrow_limit_pct / 100)
            for at, one in enumerate(settings)
        ],
        dtype=np.int64,
    )
    limit = np.where(is_borrowing, np.minimum(limit, lendable), 0)
    _, level = np.unique(_priorities(requests, chosen, scenario), return_inverse=True)
    quotas = Quotas(
        of_job=share,
        first=_firsts(share, len(settings)),
        quota=quota,
        limit=limit,
        is_lending=is_lending,
        is_preempting=np.array([one.has_in_share_preemption for one in settings], dtype=bool),
        most=quota + limit,
        priority_level=level.astype(np.int64),
        retries=_retries(requests, chosen, scenario),
    )
    fates, log = run_quota(jobs, steps, quotas)
    return Run(
        start_us=fates.start_us,
        end_us=fates.end_us,
        full_us=fates.full_us,
        limit_us=fates.limit_us,
        lost_us=fates.lost_us,
        preempted_count=fates.preempted_count,
        is_ended_early=fates.is_ended_early,
        most=np.minimum(quotas.most[share], steps.best[0]),
        preempted_job=log.job,
        preempted_start_us=log.start_us,
        preempted_end_us=log.end_us,
    )
