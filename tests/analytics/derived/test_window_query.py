"""The gap pass against the same matching as brackets, in a window query."""

import duckdb
import numpy as np
import pytest
from hypothesis import example, given, settings

from analytics.derived import matching
from tests.analytics.derived.histories import (
    ONE_STILL_RUNNING,
    TAKEN_WHEN_FREED,
    TWO_ZERO_LENGTH,
    columns,
    histories,
    sorted_pools,
)
from tests.analytics.derived.slow_reference import Job

BRACKETS = """
with jobs as (
    select unnest($pools::varchar[]) as pool, unnest($requests::bigint[]) as request,
           unnest($releases::bigint[]) as release, unnest($ranks::bigint[]) as rank
), events as (  -- place: long jobs' releases, requests, zero-length jobs' releases
    select pool, request as instant, 1 as place, rank, 1 as is_request from jobs
    union all
    select pool, release, case when release > request then 0 else 2 end, rank, 0
    from jobs where release is not null
), running as (
    select *, sum(1 - 2 * is_request) over history as level
    from events
    window history as (partition by pool order by instant, place, rank rows unbounded preceding)
), floored as (
    select *, least(0, min(level) over history) as floor
    from running
    window history as (partition by pool order by instant, place, rank rows unbounded preceding)
), stacked as (  -- a request that lowers the floor found an empty stack: a cold start
    select *, level - floor + is_request as position,
           is_request = 1 and floor < coalesce(lag(floor) over history, 0) as is_cold
    from floored
    window history as (partition by pool order by instant, place, rank)
), paired as (
    select *, lag(instant) over place_in_stack as opened_at, lag(rank) over place_in_stack as opener
    from stacked where not is_cold
    window place_in_stack as (partition by pool, position order by instant, place, rank)
)
select rank, instant - opened_at, opener from paired where is_request = 1 order by rank
"""


def brackets(jobs: list[Job]) -> list[tuple[int, int, int]]:
    """Return (job, gap, donor) for each job that takes a cluster; jobs by position."""
    with duckdb.connect(config={"threads": "1"}) as store:
        found = store.execute(
            BRACKETS,
            {
                "pools": [job.pool for job in jobs],
                "requests": [job.request for job in jobs],
                "releases": [job.release for job in jobs],
                "ranks": list(range(len(jobs))),
            },
        ).fetchall()
    return [(job, gap, donor) for job, gap, donor in found]


def taken_clusters(jobs: list[Job]) -> list[tuple[int, int, int]]:
    """Return the same from the kernel."""
    gap, donor, _ = matching.newest_first(*columns(jobs))
    return [
        (job, int(gap[job]), int(donor[job]))
        for job in range(len(jobs))
        if donor[job] != matching.NO_JOB
    ]


@settings(max_examples=60, deadline=None)
@example(TWO_ZERO_LENGTH)
@example(TAKEN_WHEN_FREED)
@example(ONE_STILL_RUNNING)
@given(histories())
def test_gap_pass_agrees_with_the_window_query(jobs: list[Job]) -> None:
    jobs = sorted_pools(jobs)
    assert taken_clusters(jobs) == brackets(jobs)


@pytest.mark.parametrize("still_running_share", [0.0, 0.02])
def test_gap_pass_agrees_with_the_window_query_on_long_histories(
    still_running_share: float,
) -> None:
    rng = np.random.default_rng(28)
    jobs = []
    for number in range(20_000):
        request = int(rng.integers(0, 6_000))
        release = request + int(rng.integers(0, 40)) * int(rng.integers(0, 2))
        runs_on = rng.random() < still_running_share
        jobs.append(
            Job(f"{number}", f"{rng.integers(0, 7)}", request, None if runs_on else release)
        )
    jobs = sorted_pools(jobs)
    assert taken_clusters(jobs) == brackets(jobs)
