"""The views of queues: who waited, for how long, and which attempts held capacity."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import T0, at, describe_job

Take = Callable[..., ImportResult]
HEAD = (
    "job_name,queue_name,share_name,created_at,scheduled_at,training_started_at,"
    "training_ended_at,instance_count\n"
)


def export(store: Store, *rows: tuple[object, ...]) -> None:
    body = "".join(",".join(map(str, row)) + "\n" for row in rows)
    ingest(store, uploaded("jobs.csv", (HEAD + body).encode()))


def test_a_job_waits_from_its_request_until_it_leaves_the_queue(store: Store) -> None:
    export(
        store,
        ("scheduled", "q", "a", at(0), at(60), at(90), at(1000), 2),
        ("started", "q", "a", at(0), "", at(90), at(1000), 2),
        ("waiting", "q", "a", at(0), "", "", "", 2),
    )
    jobs = store.frame("from queue_jobs order by job_name").set_index("job_name")
    assert jobs.loc["scheduled", "queue_wait_s"] == 60
    assert jobs.loc["started", "queue_wait_s"] == 90
    assert jobs["queue_wait_s"].isna()["waiting"]
    assert jobs["attempt_count"].to_dict() == {"scheduled": 1, "started": 1, "waiting": 0}


def test_an_attempt_holds_capacity_from_its_schedule_to_its_end(store: Store) -> None:
    export(
        store,
        ("scheduled", "q", "a", at(0), at(60), at(90), at(1000), 2),
        ("waiting", "q", "a", at(0), "", "", "", 2),
    )
    held = store.frame("select job_name, epoch(released_at - allocated_at) as s from allocations")
    assert held.to_dict("records") == [{"job_name": "scheduled", "s": 940}]


def test_a_schedule_after_the_end_does_not_count(store: Store) -> None:
    export(store, ("contradiction", "q", "a", at(0), at(2000), at(90), at(1000), 2))
    assert store.scalar("select epoch(released_at - allocated_at) from allocations") == 910


@pytest.mark.derived
def test_a_plain_training_job_holds_capacity_without_a_queue(store: Store, take: Take) -> None:
    take(describe_job("plain", provisioning=60, run=600, download=0))
    assert store.scalar("select count(*) from queue_jobs") == 0
    held = store.frame("select queue_name, instance_count, instance_type from allocations")
    assert held["queue_name"].isna().all()
    assert held["instance_type"].tolist() == ["ml.g5.2xlarge"]


def test_columns_of_the_views_have_the_declared_types(store: Store) -> None:
    from data.tables import TABLES

    for name in ("queue_jobs", "allocations"):
        rows = store.frame(f"describe {name}")
        types = dict(zip(rows["column_name"], rows["column_type"].str.lower(), strict=True))
        for field in TABLES[name].fields:
            declared = field.sql_type.lower().replace("timestamptz", "timestamp with time zone")
            assert types[field.column.name].replace(" ", "") == declared.replace(" ", "")


def add_service_job(store: Store, name: str, **fields: Any) -> None:
    """Merge a service job as its dataset would: times are seconds after T0."""
    row: dict[str, Any] = {
        "service_job_no": int(store.scalar("select count(*) from service_jobs")) + 1,
        "version_count": 1,
        "service_job_id": name,
        "service_job_name": name,
        "account_id": "123456789012",
        "region": "us-east-1",
        "queue_name": "q",
        "share_name": "research",
        "share_kind": "quota",
        "status": "SUCCEEDED",
        "created_at": T0,
        "instance_groups": [
            {"group_name": None, "instance_type": "ml.g5.12xlarge", "instance_count": 2}
        ],
        **fields,
    }
    values = {
        key: instant(value) if key.endswith("_at") and value is not None else value
        for key, value in row.items()
    }
    with store.transaction() as cursor:
        names = ", ".join(values)
        marks = ", ".join(f"${key}" for key in values)
        cursor.execute(f"insert into service_jobs ({names}) values ({marks})", values)


def instant(value: Any) -> datetime:
    return value if isinstance(value, datetime) else T0 + timedelta(seconds=value)


def attempt(arn: str | None, start: float, end: float | None, **fields: Any) -> dict[str, Any]:
    return {
        "training_job_arn": arn,
        "started_at": instant(start),
        "ended_at": None if end is None else instant(end),
        "status_reason": None,
        "is_preempted": None,
        **fields,
    }


@pytest.mark.derived
def test_an_attempt_holds_capacity_from_the_creation_of_its_training_job(
    store: Store, take: Take
) -> None:
    record = describe_job("AWSBatchtrain", created=100, provisioning=60, download=0, run=600)
    take(record)
    arn = record["TrainingJobArn"].upper()
    add_service_job(
        store, "train", scheduled_at=101, started_at=150, ended_at=760,
        attempts=[attempt(arn, 150, 760)],
    )  # fmt: skip
    held = store.frame("""
        select job_name, epoch(released_at - allocated_at) as s, instance_count, accelerator_count,
            list_cost_usd > 0 as has_cost
        from allocations
    """)
    assert held.to_dict("records") == [
        {"job_name": "train", "s": 660, "instance_count": 2, "accelerator_count": 8,
         "has_cost": True},
    ]  # fmt: skip
    jobs = store.frame("select queue_wait_s, attempt_count from queue_jobs")
    assert jobs.to_dict("records") == [{"queue_wait_s": 100, "attempt_count": 1}]


def test_a_preempted_job_waited_until_its_first_attempt_and_holds_twice(store: Store) -> None:
    add_service_job(
        store, "job", scheduled_at=500, started_at=520, ended_at=900, preempted_attempt_count=1,
        attempts=[attempt(None, 60, 300, is_preempted=True), attempt(None, 520, 900)],
    )  # fmt: skip
    held = store.frame("""
        select epoch_us(allocated_at - $t0) / 1e6 as b, epoch_us(released_at - $t0) / 1e6 as e,
            is_preempted
        from allocations order by attempt_no
    """.replace("$t0", f"timestamptz '{T0.isoformat()}'"))  # fmt: skip
    assert held.to_numpy().tolist() == [[60, 300, True], [500, 900, False]]
    jobs = store.frame(
        "select queue_wait_s, attempt_count, preempted_attempt_count from queue_jobs"
    )
    assert jobs.to_numpy().tolist() == [[60, 2, 1]]


def test_a_running_attempt_that_the_list_lacks_holds_since_the_latest_schedule(
    store: Store,
) -> None:
    add_service_job(
        store, "job", status="RUNNING", scheduled_at=500,
        attempts=[attempt(None, 60, 300, is_preempted=True)],
    )  # fmt: skip
    add_service_job(store, "listed", status="RUNNING", scheduled_at=70)
    add_service_job(store, "queued", status="RUNNABLE")
    held = store.frame("""
        select job_name, attempt_no, released_at is null as is_open from allocations
        order by all
    """)
    assert held.to_numpy().tolist() == [["job", 1, False], ["job", 2, True], ["listed", 1, True]]


def test_a_heterogeneous_job_counts_the_instances_and_accelerators_of_all_groups(
    store: Store,
) -> None:
    groups = [
        {"group_name": "a", "instance_type": "ml.g5.12xlarge", "instance_count": 2},
        {"group_name": "b", "instance_type": "ml.c5.18xlarge", "instance_count": 3},
    ]
    add_service_job(store, "job", scheduled_at=5, ended_at=9, instance_groups=groups)
    columns = "instance_type, instance_count, accelerator_count"
    rows = store.frame(f"select {columns} from queue_jobs")
    assert rows.to_numpy().tolist() == [["mixed", 5, 8.0]]
