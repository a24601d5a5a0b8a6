"""Small job histories for property tests, matched by the compiled passes."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from analytics.derived import matching
from tests.analytics.derived.slow_reference import Job, in_request_order

INSTANT_COUNT = 13  # few instants: many jobs at one
LONGEST_JOB = 6
LIMIT = 2 * INSTANT_COUNT  # no gap is longer


@dataclass(frozen=True)
class Matched:
    """What a pass said, by job name; only jobs with a gap, and only clusters that were reused."""

    gap: dict[str, int]
    idle: dict[str, int]
    released: dict[str, int]

    def hits(self, keep_alive: int) -> set[str]:
        """Return the jobs that hit under one period."""
        return {name for name, gap in self.gap.items() if gap < keep_alive}

    def retained(self, keep_alive: int) -> int:
        """Return the idle time that one period costs, over all clusters."""
        return sum(self.retained_each(keep_alive).values())

    def retained_each(self, keep_alive: int) -> dict[str, int]:
        """Return min(gap, period) of each release, and the whole period if it was never reused."""
        return {name: min(self.idle.get(name, keep_alive), keep_alive) for name in self.released}


def sorted_pools(jobs: list[Job]) -> list[Job]:
    """Return jobs as the kernels want them: by pool, then request, then name."""
    return sorted(in_request_order(jobs), key=lambda job: job.pool)


def columns(jobs: list[Job]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return offsets, requests and releases of sorted jobs."""
    pools = [job.pool for job in jobs]
    firsts = [i for i, pool in enumerate(pools) if i == 0 or pool != pools[i - 1]]
    releases = [matching.NEVER if job.release is None else job.release for job in jobs]
    return (
        np.array([*firsts, len(jobs)], np.int64),
        np.array([job.request for job in jobs], np.int64),
        np.array(releases, np.int64),
    )


def known(jobs: list[Job], values: NDArray[np.int64]) -> dict[str, int]:
    """Return a kernel's values by job name, without the unknown ones."""
    return {
        job.name: int(value)
        for job, value in zip(jobs, values, strict=True)
        if value != matching.UNKNOWN
    }


def releases(jobs: list[Job]) -> dict[str, int]:
    """Return when clusters became free, by job name."""
    return {job.name: job.release for job in jobs if job.release is not None}


def newest_first(jobs: list[Job]) -> Matched:
    """Return the gap pass: one for every period."""
    jobs = sorted_pools(jobs)
    gap, _, idle = matching.newest_first(*columns(jobs))
    return Matched(known(jobs, gap), known(jobs, idle), releases(jobs))


def donors(jobs: list[Job]) -> dict[str, str]:
    """Return whose cluster each job takes in the gap pass."""
    jobs = sorted_pools(jobs)
    _, donor, _ = matching.newest_first(*columns(jobs))
    return {
        job.name: jobs[index].name
        for job, index in zip(jobs, donor, strict=True)
        if index != matching.NO_JOB
    }


def oldest_first(jobs: list[Job], keep_alive: int) -> Matched:
    """Return the pass of one period."""
    jobs = sorted_pools(jobs)
    gap, idle = matching.oldest_first(*columns(jobs), keep_alive)
    return Matched(known(jobs, gap), known(jobs, idle), releases(jobs))


def by_release(jobs: list[Job], each: dict[str, int]) -> list[tuple[int, int]]:
    """Return values by release instant: which of two clusters freed at once is left open."""
    return sorted((release, each[name]) for name, release in releases(jobs).items())


@st.composite
def histories(draw: st.DrawFn, pools: str = "aaab") -> list[Job]:
    """Draw up to 14 jobs on a coarse clock; a few never end; names come in any order."""
    shapes = draw(
        st.lists(
            st.tuples(
                st.sampled_from(pools),
                st.integers(0, INSTANT_COUNT - 1),
                st.sampled_from([0, *range(LONGEST_JOB + 1), None]),
            ),
            max_size=14,
        )
    )
    numbers = draw(st.permutations(range(len(shapes))))
    return [
        Job(f"job-{number}", pool, request, None if length is None else request + length)
        for number, (pool, request, length) in zip(numbers, shapes, strict=True)
    ]


keep_alives = st.integers(0, LIMIT)

TWO_ZERO_LENGTH = [Job("a", "p", 0, 0), Job("b", "p", 0, 0), Job("c", "p", 1, 1)]
TAKEN_WHEN_FREED = [Job("a", "p", 0, 5), Job("b", "p", 5, 5), Job("c", "p", 5, 9)]
ONE_STILL_RUNNING = [Job("a", "p", 0, 10), Job("b", "p", 1, None), Job("c", "p", 20, 30)]
