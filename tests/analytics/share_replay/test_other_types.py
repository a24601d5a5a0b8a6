"""Waits during which capacity of another instance type stood idle, by hand."""

import pytest

from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import ask, at

EXPORT = (
    "job_name,created_at,scheduled_at,training_started_at,training_ended_at,instance_count,"
    "instance_type,queue_name"
)
P4D, P5 = "ml.p4d.24xlarge", "ml.p5.48xlarge"


def put(store: Store, name: str, *lines: str) -> None:
    ingest(store, uploaded(name, ("\n".join(lines) + "\n").encode()))


def job(name: str, created: int, start: int, end: int, kind: str) -> str:
    return f"{name},{at(created)},{at(start)},{at(start)},{at(end)},1,{kind},train"


def test_a_wait_is_met_from_when_the_other_type_has_room(store: Store) -> None:
    put(
        store,
        "jobs.csv",
        EXPORT,
        job("first", 0, 0, 1000, P4D),
        job("other", 0, 0, 400, P5),
        job("waits", 100, 1000, 1100, P4D),
    )
    put(store, "capacity.csv", "queue_name,instance_type,capacity", f"train,{P4D},1",
        f"train,{P5},1")  # fmt: skip
    rows = ask(store, "waits_met_elsewhere").set_index("instance_type")
    # the p5 is free from 400 on: 600 of the 900 s would have been met
    assert rows["alternative_instance_type"][P4D] == P5
    assert rows["total_wait_s"][P4D] == pytest.approx(900)
    assert rows["met_wait_s"][P4D] == pytest.approx(600)
    assert rows["met_job_count"][P4D] == 1


def test_types_of_unknown_capacity_are_no_alternative(store: Store) -> None:
    put(store, "jobs.csv", EXPORT, job("first", 0, 0, 100, P4D), job("waits", 0, 100, 200, P4D))
    assert ask(store, "waits_met_elsewhere").empty
