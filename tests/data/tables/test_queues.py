"""The views of queues: who waited, for how long, and which attempts held capacity."""

from collections.abc import Callable

from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import at, describe_job

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
