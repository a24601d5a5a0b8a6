"""Tuning loops in the history: rounds of as many jobs, each after the one before."""

from typing import Any

import pytest

from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import ask, describe_job, lines

ROUND_S = 60 + 30 + 600  # of describe_job


def loop(sizes: list[int], *, gap_s: float = 40, name: str = "tune") -> list[dict[str, Any]]:
    return [
        describe_job(f"{name}-{number}-{job}", created=number * (ROUND_S + gap_s) + job)
        for number, size in enumerate(sizes)
        for job in range(size)
    ]


def take(store: Store, *jobs: dict[str, Any]) -> None:
    ingest(store, uploaded("jobs.jsonl", lines(*jobs)))


def test_rounds_of_as_many_jobs_are_a_loop(store: Store) -> None:
    take(store, *loop([4, 4, 4, 4]))
    row = ask(store, "tuning_loops").iloc[0]
    assert (row.loop_name, row.jobs_per_round_count, row.rounds, row.job_count) == (
        "tune",
        4,
        4,
        16,
    )
    assert row.startup_cold_s == 90
    assert row.training_median_s == 600
    # the last job of a round was created 3 s after the first
    assert row.round_gap_median_s == 40 - 3
    assert (row.instance_type, row.instance_count) == ("ml.g5.2xlarge", 1)


@pytest.mark.parametrize(
    "jobs",
    [
        loop([4, 4]),
        loop([4, 3, 4, 3]),
        loop([1, 1, 1, 1]),
        loop([4, 4, 4], gap_s=4000),
        loop([4, 4, 4], gap_s=-300),
    ],
    ids=["two rounds", "other sizes", "one job a round", "far apart", "overlapping"],
)
def test_what_is_no_loop_is_not_taken_for_one(store: Store, jobs: list[dict[str, Any]]) -> None:
    take(store, *jobs)
    assert len(ask(store, "tuning_loops")) == 0


def test_a_loop_ends_where_its_rounds_change_size(store: Store) -> None:
    take(store, *loop([2, 4, 4, 4, 2]))
    assert ask(store, "tuning_loops")[["jobs_per_round_count", "rounds"]].values.tolist() == [
        [4, 3]
    ]


def test_a_job_by_itself_between_two_rounds_ends_a_loop(store: Store) -> None:
    take(store, *loop([2, 2, 2, 1, 2, 2, 2]))
    assert ask(store, "tuning_loops")["rounds"].tolist() == [3, 3]
    assert len(ask(store, "tuning_loops", most_idle_s=2 * ROUND_S)) == 2


def test_loops_of_other_names_are_apart(store: Store) -> None:
    take(store, *loop([2, 2, 2], name="a"), *loop([3, 3, 3], name="b"))
    found = ask(store, "tuning_loops").set_index("loop_name")
    assert found["job_count"].to_dict() == {"a": 6, "b": 9}


def test_jobs_of_tuning_jobs_are_left_out(store: Store) -> None:
    arn = "arn:aws:sagemaker:us-east-1:123456789012:hyper-parameter-tuning-job/t"
    take(store, *({**job, "TuningJobArn": arn} for job in loop([4, 4, 4])))
    assert len(ask(store, "tuning_loops")) == 0
