"""Which assumptions of a replay its recorded history contradicts, and by how many jobs.

Each test looks at the recorded starts alone, whatever the replay says: so it names a cause, where
the calibration errors say only that there is one. docs/metrics/is_explained.md
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analytics.share_replay.overtaking import heads_waiting, room_since
from analytics.share_replay.requests import UNKNOWN, Floats, Held, Int64s, Requests, held_once
from analytics.share_replay.scenario import Scenario

LEAST_DELAY_S = 60.0
LEAST_DELAY_RATIO = 0.25
"""A job that started so long after it could have, also in parts of its wait, started late."""

Side = Literal["left", "right"]

_ROUNDING = 1e-6
_NEVER = np.iinfo(np.int64).max
_US_PER_S = 1_000_000


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An assumption (a code of ASSUMPTIONS) and the jobs whose recorded times contradict it."""

    assumption: str
    job_count: int
    job_ratio: float
    example_job_name: str | None


def contradictions(
    requests: Requests,
    scenario: Scenario,
    preempted: Collection[str] = (),
    held: Held | None = None,
) -> tuple[Contradiction, ...]:
    """Return the assumptions that the recorded history contradicts, those of most jobs first.

    Where the capacity is not known, this is all that can be said. `preempted` are the names of
    jobs that lost an attempt to preemption: they went back in line, so their order says nothing.
    `held` is when jobs held capacity; where it is not given, from their start to their end.
    """
    if not scenario.capacity:
        return (Contradiction("capacity_known", len(requests), 1.0, None),)
    was_preempted = np.isin(requests.job_name, np.array(list(preempted), dtype=object))
    found = [
        Contradiction(
            name,
            len(positions),
            len(positions) / len(requests),
            str(requests.job_name[positions[0]]),
        )
        for name, positions in _tests(
            requests, scenario, was_preempted, held or held_once(requests)
        ).items()
        if len(positions)
    ]
    return tuple(sorted(found, key=lambda one: (-one.job_ratio, one.assumption)))


def _tests(
    requests: Requests, scenario: Scenario, was_preempted: NDArray[np.bool_], held: Held
) -> dict[str, Int64s]:
    """Return the jobs that contradict each assumption, by position."""
    history = _history(requests, scenario, held)
    is_once = ~was_preempted[history.job]
    order = _order(requests, scenario, history, is_once)
    found = {
        "times_known": np.flatnonzero(~requests.is_replayed),
        "capacity_respected": history.job[history.free_after < -_ROUNDING],
        "priority_respected": history.job[order.is_over_higher],
        "order_kept": history.job[order.is_over_earlier],
        "no_backfill": history.job[order.is_over_large],
    }
    if scenario.policy != "quota":
        found["no_preemption"] = np.flatnonzero(was_preempted)
        if scenario.scope == "queue" and not scenario.reservation_ratio:
            # all may wait for a larger job, of another share too; the first in line does not
            is_head = np.zeros(len(history.job), dtype=bool)
            if scenario.policy == "fifo":
                is_head = np.diff(history.start_us, prepend=UNKNOWN) != 0
            needed = np.where(is_head, history.size, order.largest_waiting)
            found["starts_at_once"] = history.job[_is_late(requests, history, needed) & is_once]
    return found


@dataclass(frozen=True, slots=True)
class _History:
    """The jobs that started, in the order of their recorded starts, and the room they found."""

    job: Int64s
    start_us: Int64s
    size: Floats
    free_before: Floats  # before any job of the same instant started
    free_after: Floats  # after all of them
    change_us: Int64s  # when the room changed
    free: Floats  # from then on


def _history(requests: Requests, scenario: Scenario, held: Held) -> _History:
    has_started = (requests.observed_start_us != UNKNOWN) & requests.is_replayed
    job = np.flatnonzero(has_started)
    job = job[np.argsort(requests.observed_start_us[job], kind="stable")]
    start_us, size = requests.observed_start_us[job], requests.size[job]
    # a job of several attempts holds nothing between them
    end_us = np.where(held.end_us == UNKNOWN, _NEVER, held.end_us)
    lasts = (end_us > held.start_us) & requests.is_replayed[held.job]
    begun_us, end_us, held_size = (
        held.start_us[lasts],
        end_us[lasts],
        requests.size[held.job[lasts]],
    )
    steps_us, capacity = _capacity(scenario)
    starts = _running_sum(begun_us, held_size)
    ends = _running_sum(end_us, held_size)
    given_us = np.unique(np.concatenate([start_us, begun_us, end_us[end_us != _NEVER], steps_us]))

    def free(at_us: Int64s, side: Side) -> Floats:
        used = starts(at_us, side) - ends(at_us, "right")
        return capacity[np.searchsorted(steps_us, at_us, side="right") - 1] - used

    return _History(
        job,
        start_us,
        size,
        free_before=free(start_us, "left"),
        free_after=free(start_us, "right"),
        change_us=given_us,
        free=free(given_us, "right"),
    )


def _running_sum(at_us: Int64s, amount: Floats) -> Callable[[Int64s, Side], Floats]:
    order = np.argsort(at_us, kind="stable")
    times, sums = at_us[order], np.concatenate([[0.0], np.cumsum(amount[order])])

    def total(until_us: Int64s, side: Side) -> Floats:
        """Return the sum of what came until then: "left" is before, "right" is at it too."""
        return sums[np.searchsorted(times, until_us, side=side)]

    return total


def _capacity(scenario: Scenario) -> tuple[Int64s, Floats]:
    least = np.iinfo(np.int64).min
    since_us = np.array(
        [
            least if step.since is None else round(step.since.timestamp() * _US_PER_S)
            for step in scenario.capacity
        ],
        dtype=np.int64,
    )
    since_us[0] = least
    return since_us, np.array([step.capacity for step in scenario.capacity])


@dataclass(frozen=True, slots=True)
class _Order:
    """Which jobs overtook the first in line: of higher priority, earlier, or too large.

    The first two had room for the job that waited; where it had none, starting all the same is
    backfill. `largest_waiting` is the size of the largest job in line when each started.
    """

    is_over_higher: NDArray[np.bool_]
    is_over_earlier: NDArray[np.bool_]
    is_over_large: NDArray[np.bool_]
    largest_waiting: Floats


def _order(
    requests: Requests, scenario: Scenario, history: _History, is_once: NDArray[np.bool_]
) -> _Order:
    job, position = history.job, np.arange(len(history.job))
    is_ordered_by_priority = scenario.policy in ("fair_share", "quota")
    line = requests.share[job] if is_ordered_by_priority or scenario.scope == "share" else 0 * job
    priority = requests.priority[job] if is_ordered_by_priority else 0 * job
    age = requests.run_us[job] if scenario.policy == "sjf" else job
    order = np.lexsort((job, age, -priority, line))
    rank = np.empty_like(position)
    rank[order] = position
    # whoever was preempted is in line at no known time
    eligible_us = np.where(is_once, requests.eligible_us[job], _NEVER)
    head, largest = heads_waiting(
        eligible_us,
        history.start_us,
        np.argsort(eligible_us, kind="stable"),
        history.size,
        rank,
        _first_of_same(rank, order, line),
    )
    is_overtaking = (head >= 0) & is_once
    would_fit = history.size[order[head]] <= history.free_before + _ROUNDING
    is_higher = head < _first_of_same(rank, order, line, priority)
    is_over_higher = is_overtaking & would_fit & is_higher
    is_over_earlier = is_overtaking & would_fit & ~is_higher
    is_over_large = is_overtaking & ~would_fit
    return _Order(is_over_higher, is_over_earlier, is_over_large, largest)


def _first_of_same(rank: Int64s, order: Int64s, *keys: Int64s) -> Int64s:
    """Return the lowest rank among the jobs with the same keys; in order, they are neighbours."""
    sorted_keys = [key[order] for key in keys]
    is_new = np.zeros(len(order), dtype=bool)
    is_new[:1] = True
    for key in sorted_keys:
        is_new[1:] |= key[1:] != key[:-1]
    first = np.maximum.accumulate(np.where(is_new, np.arange(len(order)), 0))
    return first[rank]


def _is_late(requests: Requests, history: _History, needed: Floats) -> NDArray[np.bool_]:
    """Return which jobs started long after there was the needed room and nobody else started."""
    start_us = history.start_us
    room_us = room_since(start_us, needed, history.change_us, history.free)
    earlier = np.searchsorted(start_us, start_us, side="left") - 1
    other_us = np.where(earlier >= 0, start_us[earlier], np.iinfo(np.int64).min)
    eligible_us = requests.eligible_us[history.job]
    could_us = np.maximum(np.maximum(room_us, other_us), eligible_us)
    delay_us, wait_us = start_us - could_us, start_us - eligible_us
    return (delay_us > LEAST_DELAY_S * _US_PER_S) & (delay_us > LEAST_DELAY_RATIO * wait_us)
