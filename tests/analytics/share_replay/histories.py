"""Histories of queues for tests: from rows, and by chance."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from analytics.share_replay.replay import Replay, replay
from analytics.share_replay.requests import Requests
from analytics.share_replay.scenario import Scenario


class Row(NamedTuple):
    """One job; times in seconds."""

    created_s: float
    run_s: float
    size: float
    share: str = ""
    priority: int = 0
    retries: int = -1


def requests_of(rows: Sequence[Row | tuple[object, ...]]) -> Requests:
    """Return rows, in the order of their file, as a replay takes them."""
    jobs = [Row(*row) for row in rows]
    order = sorted(range(len(jobs)), key=lambda at: jobs[at].created_s)
    chosen = [jobs[at] for at in order]
    names = tuple(sorted({job.share for job in chosen}))
    count = len(jobs)
    created_us = np.array([round(job.created_s * 1e6) for job in chosen], dtype=np.int64)
    return Requests(
        job_name=np.array([f"job-{at}" for at in order], dtype=object),
        share=np.array([names.index(job.share) for job in chosen], dtype=np.int64),
        share_names=names,
        created_us=created_us,
        eligible_us=created_us.copy(),
        run_us=np.array([round(job.run_s * 1e6) for job in chosen], dtype=np.int64),
        size=np.array([job.size for job in chosen], dtype=float),
        priority=np.array([job.priority for job in chosen], dtype=np.int64),
        note=np.full(count, "", dtype=object),
        observed_wait_s=np.full(count, np.nan),
        observed_start_us=np.full(count, -1, dtype=np.int64),
        observed_end_us=np.full(count, -1, dtype=np.int64),
        retries=np.array([job.retries for job in chosen], dtype=np.int64),
        service_job_no=np.full(len(rows), -1, dtype=np.int64),
    )


def replayed(rows: Sequence[Row | tuple[object, ...]], scenario: Scenario) -> Replay:
    """Return the replay of rows."""
    return replay(requests_of(rows), scenario)


def starts(answer: Replay) -> dict[str, float]:
    """Return when each job starts, in seconds, by name; jobs that do not start are left out."""
    names = answer.requests.job_name[answer.is_replayed]
    return dict(zip(names, answer.start_us[answer.is_replayed] / 1e6, strict=True))


def rows_by_chance(
    shares: Sequence[str] = ("a", "b", "c"),
    largest: int = 12,
    most: int = 40,
    retries: Sequence[int] = (-1,),
) -> st.SearchStrategy[list[Row]]:
    """Histories with many ties, zero-length jobs, and jobs as large as the capacity."""
    return st.lists(
        st.builds(
            Row,
            created_s=st.integers(0, 60).map(float),
            run_s=st.integers(0, 30).map(float),
            size=st.integers(1, largest).map(float),
            share=st.sampled_from(shares),
            priority=st.integers(0, 3),
            retries=st.sampled_from(retries),
        ),
        max_size=most,
    )
