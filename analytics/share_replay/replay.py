"""The replay of a queue's history under a scenario: when each job starts, ends, and why it waits.

Run times and sizes stay as recorded; only the order and the times of starts change. The engines
are deterministic: the same jobs under the same settings give the same answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analytics.share_replay.engines import millionths, run_engine
from analytics.share_replay.requests import UNKNOWN, Floats, Int64s, Requests
from analytics.share_replay.scenario import CapacityStep, Scenario
from data.errors import WrongUseError

WAIT_CAUSES = ("capacity_full", "share_limit", "head_of_line", "not_yet_eligible")
"""The columns of `cause_s`, in order; labels are in analytics/vocabulary.py."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Every time that a job held capacity, in the order of starts. Times are microseconds."""

    job: Int64s  # position in the requests
    start_us: Int64s
    end_us: Int64s
    is_preempted: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of each job, in the order of the requests. Times are microseconds.

    `start_us` and `end_us` are those of the attempt that ran to its end (of a job that preemption
    ended: of its last attempt); UNKNOWN for a job that is not replayed, whose `note` says why.
    """

    requests: Requests
    scenario: Scenario
    start_us: Int64s
    end_us: Int64s
    preempted_count: Int64s
    lost_s: Floats  # seconds of runs that preemption cut off
    cause_s: Floats  # job x WAIT_CAUSES; sums to wait_s - lost_s
    note: NDArray[np.object_]
    attempts: Attempts

    @property
    def is_replayed(self) -> NDArray[np.bool_]:
        """Whether a job started."""
        return np.asarray(self.start_us != UNKNOWN)

    @property
    def wait_s(self) -> Floats:
        """Seconds from request to start; NaN for a job that is not replayed."""
        wait_us = self.start_us - self.requests.created_us
        return np.where(self.is_replayed, wait_us / 1e6, np.nan)


def replay(requests: Requests, scenario: Scenario) -> Replay:
    """Return the history of the requests under the scenario.

    Raises:
        WrongUseError: the scenario does not say what its policy needs.
    """
    count = len(requests)
    start_us, end_us = np.full(count, UNKNOWN), np.full(count, UNKNOWN)
    preempted_count = np.zeros(count, dtype=np.int64)
    lost_us, full_us, limit_us = (np.zeros(count, dtype=np.int64) for _ in range(3))
    note = requests.note.copy()
    attempts = []
    for chosen, settings, steps in _pools(requests, scenario):
        run = run_engine(requests, chosen, settings, steps)
        start_us[chosen], end_us[chosen] = run.start_us, run.end_us
        preempted_count[chosen], lost_us[chosen] = run.preempted_count, run.lost_us
        full_us[chosen], limit_us[chosen] = run.full_us, run.limit_us
        note[chosen[run.is_ended_early]] = "ended_by_preemption"
        is_left = run.start_us == UNKNOWN
        is_over_share = millionths(requests.size[chosen]) > run.most
        note[chosen[is_left]] = "larger_than_capacity"
        if scenario.policy == "quota" or scenario.scope == "share":
            note[chosen[is_left & is_over_share]] = "larger_than_share"
        attempts.append((chosen[run.preempted_job], run.preempted_start_us, run.preempted_end_us))
    has_started = start_us != UNKNOWN
    not_eligible_us = requests.eligible_us - requests.created_us
    if scenario.scope == "share":  # the room that is missing is that of the share's own pool
        full_us, limit_us = limit_us, full_us
    in_line_us = start_us - requests.eligible_us - full_us - limit_us - lost_us
    is_early = note == "ended_by_preemption"
    # the last attempt's lost time comes after its start
    in_line_us[is_early] += (end_us - start_us)[is_early]
    causes = np.stack([full_us, limit_us, in_line_us, not_eligible_us], axis=1) / 1e6
    causes[~has_started] = 0.0
    return Replay(
        requests=requests,
        scenario=scenario,
        start_us=start_us,
        end_us=end_us,
        preempted_count=preempted_count,
        lost_s=lost_us / 1e6,
        cause_s=causes,
        note=note,
        attempts=_attempts(attempts, start_us, end_us, has_started & ~is_early),
    )


Pool = tuple[Int64s, Scenario, tuple[CapacityStep, ...]]


def _pools(requests: Requests, scenario: Scenario) -> Iterator[Pool]:
    """Yield the jobs of each pool of capacity, its settings and its capacity."""
    positions = np.flatnonzero(requests.is_replayed)
    if scenario.scope == "queue":
        if not scenario.capacity:
            raise WrongUseError(
                "The capacity to replay with is not known.",
                next_action="Give it, as in --set capacity=128, or in a scenario file.",
            )
        yield positions, scenario, scenario.capacity
        return
    capacities = dict(scenario.share_capacities)
    for share in scenario.shares:
        if share.name not in capacities and share.quota is not None:
            capacities[share.name] = (CapacityStep(None, share.quota),)
    with_jobs = np.unique(requests.share[positions])
    names = [requests.share_names[number] for number in with_jobs]
    missing = [name for name in names if name not in capacities]
    if missing:
        raise WrongUseError(
            f"Shares without a capacity: {', '.join(repr(name) for name in missing[:5])}.",
            next_action="Give a file with a line each share: --set capacities=FILE.",
        )
    for number, name in zip(with_jobs, names, strict=True):
        steps = capacities[name]
        own = replace(scenario.share(name), name=name, quota=max(step.capacity for step in steps))
        settings = replace(scenario, scope="queue", capacity=steps, shares=(own,))
        yield positions[requests.share[positions] == number], settings, steps


def _attempts(
    preempted: list[tuple[Int64s, Int64s, Int64s]],
    start_us: Int64s,
    end_us: Int64s,
    has_ended: NDArray[np.bool_],
) -> Attempts:
    job = np.concatenate([np.flatnonzero(has_ended), *(part[0] for part in preempted)])
    begin_us = np.concatenate([start_us[has_ended], *(part[1] for part in preempted)])
    finish_us = np.concatenate([end_us[has_ended], *(part[2] for part in preempted)])
    is_preempted = np.arange(len(job)) >= has_ended.sum()
    order = np.lexsort((job, finish_us, begin_us))
    return Attempts(job[order], begin_us[order], finish_us[order], is_preempted[order])
