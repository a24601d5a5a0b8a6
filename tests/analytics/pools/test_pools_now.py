"""Which warm clusters are idle at an instant, against a loop over the jobs that were imported."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from analytics.query import Filters
from data.ingest.pipeline import ImportResult
from data.store.store import Store
from tests.conftest import T0, ask, describe_job

Take = Callable[..., ImportResult]
Job = tuple[str, int, int, int, int]  # warm pool status, end, keep-alive, instances, which type
TYPES = {"ml.g5.2xlarge": 1.515, "ml.p4d.24xlarge": 25.251}  # list prices, us-east-1


def job_of(number: int, job: Job) -> dict[str, Any]:
    status, ended, keep_alive_s, instance_count, which = job
    return describe_job(
        f"job-{number}",
        created=ended - 100,
        run=10,
        WarmPoolStatus={"Status": status} if status else None,
        ResourceConfig={
            "KeepAlivePeriodInSeconds": keep_alive_s,
            "InstanceCount": instance_count,
            "InstanceType": list(TYPES)[which],
        },
    )


def idle_by_hand(jobs: list[Job], now: float) -> dict[str, tuple[float, float, int]]:
    """Return since when, until when and how many instances of a type idle, for each idle job."""
    idle = {
        f"job-{number}": job
        for number, job in enumerate(jobs)
        if job[0] == "Available" and job[1] <= now < job[1] + job[2]
    }
    return {
        name: (job[1], job[1] + job[2], sum(o[3] for o in idle.values() if o[4] == job[4]))
        for name, job in idle.items()
    }


def after(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def test_idle_clusters_are_those_of_a_loop(store: Store, take: Take) -> None:
    draw = random.Random(35)
    statuses = ["Available", "Available", "InUse", "Reused", "Terminated", ""]
    jobs: list[Job] = [
        (
            draw.choice(statuses),
            draw.randrange(100, 2000),
            draw.choice([1, 60, draw.randrange(1, 1500)]),
            draw.randrange(1, 5),
            draw.randrange(2),
        )
        for _ in range(60)
    ]
    take(*(job_of(number, job) for number, job in enumerate(jobs)))
    ends = [job[1] for job in jobs if job[0] == "Available"]
    for now in (0, *ends[:4], *(end - 1 for end in ends[:2]), 1500, 9000):
        rows = ask(store, "pools_now", now=after(now).isoformat())
        assert {
            row.job_name: (
                (row.idle_since_at - T0).total_seconds(),
                (row.expires_at - T0).total_seconds(),
                row.quota_used_count,
            )
            for row in rows.itertuples()
        } == idle_by_hand(jobs, now)
        assert list(rows["remaining_s"]) == [
            (until - after(now)).total_seconds() for until in rows["expires_at"]
        ]
        assert rows["expires_at"].is_monotonic_increasing
        assert rows["quota_count"].isna().all()  # no quota was read: unknown, not 0


def test_an_idle_cluster_costs_the_list_price_of_its_instances(store: Store, take: Take) -> None:
    take(job_of(0, ("Available", 100, 600, 3, 0)))
    row = ask(store, "pools_now", now=after(400).isoformat()).iloc[0]
    assert row["usd_per_h"] == pytest.approx(3 * 1.515)
    assert row["remaining_s"] == 300
    assert (row["instance_type"], row["instance_count"]) == ("ml.g5.2xlarge", 3)
    assert row["pool_key"] == store.scalar("select pool_key from job_facts")
    assert row["pool_label"] == "job · ml.g5.2xlarge x 3"


def test_a_filter_hides_clusters_but_not_what_they_use_of_the_quota(
    store: Store, take: Take
) -> None:
    take(job_of(0, ("Available", 100, 600, 3, 0)), job_of(1, ("Available", 100, 600, 2, 0)))
    only = Filters(where=(("job_name", "job-1"),))
    rows = ask(store, "pools_now", only, now=after(400).isoformat())
    assert list(rows["job_name"]) == ["job-1"]
    assert list(rows["quota_used_count"]) == [5]


def test_the_newest_observation_decides(store: Store, take: Take) -> None:
    idle = job_of(0, ("Available", 100, 600, 1, 0))
    take(idle)
    assert len(ask(store, "pools_now", now=after(400).isoformat())) == 1
    reused = {**idle, "WarmPoolStatus": {"Status": "Reused", "ReusedByJob": "next"}}
    take(reused, name="later.jsonl")
    assert ask(store, "pools_now", now=after(400).isoformat()).empty


def test_the_demo_shows_what_idles_at_its_end(demo_store: Store) -> None:
    end = pd.Timestamp("2026-11-15T18:00Z")
    rows = ask(demo_store, "pools_now", now=end.isoformat())
    assert len(rows)
    assert (rows["expires_at"] > end).all()
