"""Each assumption that a history breaks is named, and a history that keeps them has none."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.share_replay.assumptions import contradictions
from analytics.share_replay.replay import replay
from analytics.share_replay.requests import Requests
from analytics.share_replay.scenario import Scenario, Share
from tests.analytics.share_replay.recorded import (
    SECOND,
    Job,
    as_recorded,
    random_jobs,
    requests_of,
)

FIFO = Scenario.of("fifo", 10)
FAIR = Scenario.of("fair_share", 10)
QUOTA = Scenario.of("quota", 10, [Share("a", quota=6), Share("b", quota=4)])


def names(
    requests: Requests, scenario: Scenario = FIFO, preempted: Collection[str] = ()
) -> dict[str, int]:
    return {one.assumption: one.job_count for one in contradictions(requests, scenario, preempted)}


@pytest.mark.parametrize("scenario", [FIFO, FAIR, QUOTA], ids=["fifo", "fair_share", "quota"])
@pytest.mark.parametrize("seed", range(5))
def test_a_history_that_the_engine_made_contradicts_nothing(scenario: Scenario, seed: int) -> None:
    replayed = replay(requests_of(random_jobs(seed, 300)), scenario)
    preempted = replayed.requests.job_name[replayed.preempted_count > 0]
    assert names(as_recorded(replayed), scenario, preempted) == {}


def test_unknown_capacity_is_all_that_can_be_said() -> None:
    jobs: list[Job] = [("a", 0, 60, 1, 0, 0), ("a", 0, 60, 1, 0, 500)]
    assert names(requests_of(jobs), Scenario("fifo")) == {"capacity_known": 2}


def test_more_runs_than_the_capacity() -> None:
    jobs: list[Job] = [("a", 0, 600, 8, 0, 0), ("a", 60, 600, 8, 0, 60), ("a", 70, 60, 2, 0, 700)]
    assert names(requests_of(jobs)) == {"capacity_respected": 1}


def test_a_capacity_that_grew_in_time_is_respected() -> None:
    jobs: list[Job] = [("a", 0, 600, 8, 0, 0), ("a", 60, 600, 8, 0, 60)]
    assert names(requests_of(jobs), Scenario.of("fifo", 16)) == {}


def test_lower_priority_starts_though_a_higher_one_has_room() -> None:
    # 8 become free at 100: the priority 9 job waits since 10 and fits, priority 0 starts
    jobs: list[Job] = [
        ("a", 0, 100, 10, 0, 0),
        ("a", 10, 100, 10, 9, 200),
        ("a", 20, 100, 10, 0, 100),
    ]
    assert names(requests_of(jobs), FAIR) == {"priority_respected": 1}


def test_later_request_starts_though_an_earlier_one_has_room() -> None:
    jobs: list[Job] = [
        ("a", 0, 100, 10, 0, 0),
        ("a", 10, 100, 10, 0, 200),
        ("a", 20, 100, 10, 0, 100),
    ]
    assert names(requests_of(jobs)) == {"order_kept": 1}


def test_small_job_starts_while_a_large_one_waits_for_room() -> None:
    jobs: list[Job] = [
        ("a", 0, 100, 8, 0, 0),
        ("a", 10, 100, 10, 0, 100),
        ("a", 20, 30, 2, 0, 20),
    ]
    assert names(requests_of(jobs)) == {"no_backfill": 1}


def test_jobs_wait_while_all_is_free() -> None:
    jobs: list[Job] = [("a", 0, 100, 4, 0, 0), ("a", 10, 100, 4, 0, 700)]
    assert names(requests_of(jobs)) == {"starts_at_once": 1}


def test_a_minute_late_is_not_late() -> None:
    jobs: list[Job] = [("a", 0, 100, 4, 0, 0), ("a", 10, 100, 4, 0, 70)]
    assert names(requests_of(jobs)) == {}


def test_preemption_in_a_queue_that_never_preempts() -> None:
    requests = requests_of([("a", 0, 100, 4, 0, 0)])
    assert names(requests, FAIR, ["job-0"]) == {"no_preemption": 1}
    assert names(requests, QUOTA, ["job-0"]) == {}


def test_jobs_without_times_are_counted() -> None:
    requests = requests_of([("a", 0, 100, 4, 0, 0), ("a", 5, 100, 4, 0, 5)])
    unknown = replace(requests, run_us=np.array([100 * SECOND, -1]))
    assert names(unknown) == {"times_known": 1}


def test_that_of_most_jobs_comes_first_with_an_example() -> None:
    jobs: list[Job] = [("a", 0, 1000, 8, 0, 0)]
    jobs += [("a", 10 + at, 1000, 8, 0, 10 + at) for at in range(3)]
    jobs += [("a", 5000, 100, 4, 0, 5700)]
    first, second = contradictions(requests_of(jobs), FIFO)
    assert (first.assumption, first.job_ratio) == ("capacity_respected", 3 / 5)
    assert (second.assumption, second.example_job_name) == ("starts_at_once", "job-4")


@given(
    st.lists(
        st.tuples(
            st.integers(0, 50), st.integers(1, 30), st.integers(1, 4), st.integers(0, 2),
            st.integers(0, 40),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_overtaking_equals_a_slow_reference(rows: list[tuple[int, int, int, int, int]]) -> None:
    jobs: list[Job] = [
        ("ab"[row[0] % 2], row[0], row[1], row[2], row[3], row[0] + row[4]) for row in rows
    ]
    found = names(requests_of(jobs), Scenario.of("fair_share", 4))
    ordered = sorted(jobs, key=lambda job: job[1])
    expected = {"priority_respected": 0, "order_kept": 0, "no_backfill": 0}
    for number, job in enumerate(ordered):
        start = job[5] or 0
        running = sum(o[3] for o in ordered if (o[5] or 0) < start < (o[5] or 0) + o[2])
        ahead = [
            other
            for at, other in enumerate(ordered)
            if other[0] == job[0]
            and other[1] <= start < (other[5] or 0)
            and (-other[4], at) < (-job[4], number)
        ]
        if not ahead:
            continue
        head = min(ahead, key=lambda other: (-other[4], ordered.index(other)))
        if head[3] > 4 - running:
            expected["no_backfill"] += 1
        elif head[4] > job[4]:
            expected["priority_respected"] += 1
        else:
            expected["order_kept"] += 1
    assert {name: found.get(name, 0) for name in expected} == expected
