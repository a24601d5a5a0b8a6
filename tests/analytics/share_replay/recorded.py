"""Histories of a queue, built in a line: requests with recorded starts, or those of a replay."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from analytics.share_replay.replay import Replay
from analytics.share_replay.requests import UNKNOWN, Requests

SECOND = 1_000_000
BASE_S = 1_772_438_400  # T0 of the tests

Job = tuple[str, float, float, float, int, float | None]
"""Share, created, run and size; priority; recorded start, None for never. Seconds."""


def requests_of(jobs: Iterable[Job]) -> Requests:
    """Return the requests of jobs, in the order of their creation."""
    rows = sorted(enumerate(jobs), key=lambda row: (row[1][1], row[0]))
    names = tuple(sorted({job[0] for _, job in rows}))

    def us(seconds: float) -> int:
        return round((BASE_S + seconds) * SECOND)

    created = np.array([us(job[1]) for _, job in rows], dtype=np.int64)
    run = np.array([round(job[2] * SECOND) for _, job in rows], dtype=np.int64)
    start = np.array([UNKNOWN if job[5] is None else us(job[5]) for _, job in rows], dtype=np.int64)
    return Requests(
        job_name=np.array([f"job-{number}" for number, _ in rows], dtype=object),
        share=np.array([names.index(job[0]) for _, job in rows], dtype=np.int64),
        share_names=names,
        created_us=created,
        eligible_us=created,
        run_us=run,
        size=np.array([job[3] for _, job in rows], dtype=float),
        priority=np.array([job[4] for _, job in rows], dtype=np.int64),
        note=np.array([""] * len(rows), dtype=object),
        observed_wait_s=np.where(start == UNKNOWN, np.nan, (start - created) / SECOND),
        observed_start_us=start,
        observed_end_us=np.where(start == UNKNOWN, UNKNOWN, start + run),
        retries=np.full(len(rows), -1, dtype=np.int64),
        service_job_no=np.full(len(rows), -1, dtype=np.int64),
    )


def as_recorded(replayed: Replay) -> Requests:
    """Return the requests of a replay as if what it says had happened."""
    return replace(
        replayed.requests,
        observed_wait_s=replayed.wait_s,
        observed_start_us=replayed.start_us,
        observed_end_us=replayed.end_us,
    )


def random_jobs(seed: int, count: int, shares: str = "ab", most_size: int = 4) -> list[Job]:
    """Return jobs at random: arrivals a minute apart on average, runs of some minutes."""
    rng = np.random.default_rng(seed)
    created = np.cumsum(rng.exponential(60, count)).round()
    return [
        (
            shares[rng.integers(len(shares))],
            float(at),
            float(rng.integers(60, 1200)),
            float(rng.integers(1, most_size + 1)),
            int(rng.integers(0, 3)),
            None,
        )
        for at in created
    ]
