"""Which queues are out of date after an import, and between which times."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from data.files.mapping import Mapping
from data.ingest.home_store import open_home
from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.home import Home
from data.store.store import Store
from tests.conftest import at, describe_job, lines
from tests.data.datasets.batch import (
    attempt,
    described,
    environment,
    fair_share_policy,
    ms,
    queue,
    quota_share,
    snapshot,
)

Take = Callable[..., ImportResult]
WHOLE = (None, None)


@pytest.fixture
def store(home: Home) -> Any:
    """A store without the derivation that empties the marks."""
    opened = open_home(home)
    yield opened
    opened.close()


def stale(store: Store) -> set[tuple[Any, ...]]:
    """Return queues with the seconds after T0 between which they are stale, and forget them."""
    rows = store.frame(
        "select distinct queue_name, epoch(stale_from_at - $t0::timestamptz) as since,"
        " epoch(stale_until_at - $t0::timestamptz) as until from stale_queues",
        {"t0": at(0)},
    ).astype(object)
    with store.transaction() as cursor:
        cursor.execute("delete from stale_queues")
    return {tuple(row) for row in rows.where(rows.notna(), None).itertuples(index=False)}


def test_service_jobs_mark_their_queues_from_first_to_last(store: Store, take: Take) -> None:
    ended = {"status": "SUCCEEDED"}
    take(
        described("a", **ended, stoppedAt=ms(100)),
        described("b", **ended, createdAt=ms(50), stoppedAt=ms(300)),
        described("c", jobQueue="open", createdAt=ms(20)),
    )
    # what has not ended is out of date without an end
    assert stale(store) == {("gpus", 0, 300), ("open", 20, None)}
    take(described("b", **ended, createdAt=ms(50), stoppedAt=ms(300)), name="known.json")
    assert stale(store) == set()


def test_a_job_that_moves_marks_the_queue_it_leaves_as_well(store: Store, take: Take) -> None:
    job = {"status": "SUCCEEDED", "stoppedAt": ms(100)}
    take(described("a", **job, jobQueue="old"), name="1.json")
    stale(store)
    take(described("a", **{**job, "stoppedAt": ms(200)}, jobQueue="new"), name="2.json")
    assert stale(store) == {("old", 0, 100), ("new", 0, 200)}


def test_a_training_job_marks_the_queue_of_its_service_job(store: Store, take: Take) -> None:
    take(describe_job("a-1"), describe_job("plain"))
    assert stale(store) == set()
    take(
        described("a", status="SUCCEEDED", stoppedAt=ms(900), attempts=[attempt("A-1", 10, 900)]),
        name="service.json",
    )
    stale(store)
    take(describe_job("a-1", LastModifiedTime=at(5000), RoleArn="other"), name="again.json")
    assert stale(store) == {("gpus", 0, 690)}


EXPORT = "job_name,created_at,training_ended_at,queue_name,share_name\n"


def test_an_export_marks_its_queues(store: Store) -> None:
    rows = [
        f"a,{at(0)},{at(50)},q,x",
        f"b,{at(20)},{at(90)},q,y",
        f"c,{at(0)},,,z",
        f"d,{at(0)},,,",
    ]
    ingest(store, uploaded("jobs.csv", (EXPORT + "\n".join(rows) + "\n").encode()))
    assert stale(store) == {("q", 0, 90), (None, 0, None)}


def test_an_export_that_is_read_anew_marks_what_it_was_read_as(store: Store) -> None:
    content = f"name,at,until,where\na,{at(0)},{at(50)},q\n".encode()
    text = """
        [columns]
        job_name = "name"
        created_at = "at"
        training_ended_at = "until"
        {} = "where"
    """
    ingest(store, uploaded("x.csv", content), mapping=Mapping.parse(text.format("queue_name"), "m"))
    assert stale(store) == {("q", 0, 50)}
    ingest(store, uploaded("x.csv", content), mapping=Mapping.parse(text.format("share_name"), "m"))
    assert stale(store) == {("q", 0, 50), (None, 0, 50)}


@pytest.mark.parametrize(
    "document",
    [
        {"jobQueues": [queue()]},
        quota_share(),
        {**snapshot(), "jobQueue": "gpus"},
    ],
)
def test_what_is_observed_of_a_queue_marks_the_whole_of_it(
    store: Store, take: Take, document: dict[str, Any]
) -> None:
    take(described("a"), described("b", jobQueue="another"), name="jobs.json")
    stale(store)
    take(document, name="answer.json")
    assert stale(store) == {("gpus", *WHOLE)}


@pytest.mark.parametrize(
    "document",
    [
        {"serviceEnvironments": [environment()]},
        {"schedulingPolicies": [fair_share_policy()]},
    ],
)
def test_what_names_no_queue_marks_all_of_them(
    store: Store, take: Take, document: dict[str, Any]
) -> None:
    take(described("a"), name="jobs.json")
    ingest(store, uploaded("jobs.csv", (EXPORT + f"a,{at(0)},{at(50)},q,x\n").encode()))
    stale(store)
    take(document, name="answer.json", now=datetime(2026, 3, 2, tzinfo=UTC))
    assert stale(store) == {("gpus", *WHOLE), ("q", *WHOLE)}


def test_capacity_marks_its_queue_or_all(store: Store, take: Take) -> None:
    take(described("a"), name="jobs.json")
    stale(store)
    ingest(store, uploaded("one.csv", b"queue_name,capacity\nother,8\n"))
    assert stale(store) == {("other", *WHOLE)}
    ingest(store, uploaded("all.csv", b"capacity\n8\n"))
    assert stale(store) == {("gpus", *WHOLE), ("other", *WHOLE)}


def test_marks_of_many_jobs_are_one_a_queue(store: Store) -> None:
    jobs = [
        {
            "job_name": f"j{number}",
            "created_at": at(number),
            "queue_name": f"q{number % 3}",
            "training_ended_at": at(number + 10),
        }
        for number in range(3000)
    ]
    ingest(store, uploaded("jobs.jsonl", lines(*jobs)))
    assert store.scalar("select count(*) from stale_queues") == 3
