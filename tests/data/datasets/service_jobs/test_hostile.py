"""Records that are wrong or made to harm: each is rejected with a reason, and the rest goes on."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.datasets.catalog import datasets
from data.ingest.pipeline import ImportResult, ingest, ingest_files
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import lines
from tests.data.datasets import batch
from tests.data.datasets.batch import attempt, described, event, ms, summary

Take = Callable[..., ImportResult]

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no id": (described("a", jobId=None, jobArn=None, jobId2="a"), "not a service job"),
    "an id that is an object": (described("a", jobId={"x": 1}), "jobId is not a text"),
    "a queue that is a list": (described("a", jobQueue=["x"]), "jobQueue is not a text"),
    "a share that is a list": (described("a", shareIdentifier=["x"]), "shareIdentifier is not"),
    "a status that is an object": (described("a", status={"x": 1}), "status is not a text"),
    "no time": (described("a", createdAt=None), "no createdAt"),
    "a time that is a word": (described("a", createdAt="soon"), "createdAt 'soon' is not a time"),
    "a time without an offset": (
        described("a", createdAt="2026-03-02T08:00:00"),
        "is not a time with an offset",
    ),
    "a time beyond the calendar": (described("a", createdAt=10**30), "createdAt"),
    "a time before SageMaker": (described("a", createdAt=0), "createdAt is not between 2017"),
    "a start far ahead": (
        described("a", startedAt=ms(10**9)),
        "startedAt is not between 2017-11-29, when SageMaker began, and tomorrow",
    ),
    "an attempt before SageMaker": (
        described("a", attempts=[{"startedAt": 1000, "stoppedAt": 2000}]),
        "A time of an attempt is not between 2017",
    ),
    "a negative time": (described("a", startedAt=-(10**13)), "startedAt is not between"),
    "a huge time": (described("a", stoppedAt=10**13), "stoppedAt is not between"),
    "a start before the job": (described("a", startedAt=ms(-60)), "before its createdAt"),
    "an end before the job": (
        described("a", status="FAILED", stoppedAt=ms(-60)),
        "before its createdAt",
    ),
    "a priority that is a word": (described("a", schedulingPriority="high"), "schedulingPriority"),
    "a huge priority": (described("a", schedulingPriority=10**20), "more than"),
    "a negative priority": (described("a", schedulingPriority=-1), "0 or more"),
    "a flag that is a word": (described("a", isTerminated="perhaps"), "isTerminated 'perhaps'"),
    "attempts that are an object": (described("a", attempts={"a": 1}), "attempts has the wrong"),
    "attempts that are numbers": (described("a", attempts=[1, 2]), "attempts has the wrong"),
    "an attempt of nonsense": (
        described("a", attempts=[{"serviceResourceId": "x"}]),
        "attempts.serviceResourceId has the wrong",
    ),
    "an attempt without a time": (
        described("a", attempts=[{**attempt("x"), "startedAt": "then"}]),
        "A time of an attempt 'then'",
    ),
    "a usage that is a word": (
        described("a", capacityUsage=[{"capacityUnit": "ml.g5.xlarge", "quantity": "many"}]),
        "A quantity in capacityUsage 'many'",
    ),
    "a huge usage": (
        described("a", capacityUsage=[{"capacityUnit": "ml.g5.xlarge", "quantity": 1e300}]),
        "more than",
    ),
    "a huge request": (
        described(
            "a",
            serviceRequestPayload=json.dumps(
                {"ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 10**12}}
            ),
        ),
        "more than 1,000,000 instances",
    ),
    "a retry strategy that is a list": (described("a", retryStrategy=[]), "retryStrategy has"),
    "a container job": (described("a", jobDefinition="x"), "not a service job"),
    "a list in a list": ([[[[[[described("a")]]]]]], "not a service job"),  # type: ignore[dict-item]
    "a number": (7, "not a service job"),  # type: ignore[dict-item]
    "another event": (
        {**event(described("a"), 1), "detail-type": "Batch Job State Change"},
        "not of a service job",
    ),
    "an event without a detail": ({**event(described("a"), 1), "detail": None}, "not of a service"),
    "an event whose time is a word": (
        {**event(described("a"), 1), "time": "now"},
        "The time of an event 'now'",
    ),
    "an envelope of nonsense": ({**event(described("a"), 1), "resources": {"a": 1}}, "resources"),
}


@pytest.mark.thorough
@pytest.mark.parametrize("case", BAD)
def test_a_bad_record_is_rejected_with_a_reason_and_the_others_stay(
    store: Store, take: Take, case: str
) -> None:
    bad, reason = BAD[case]
    result = take(described("good"), bad, summary("fine"), kind="service_jobs")
    assert (result.accepted_count, result.rejected_count) == (2, 1)
    row = store.frame("select * from rejected_rows").iloc[0]
    assert reason in row.reason
    assert row.row_number == 2
    assert row.next_action.endswith(".")
    assert row.raw


def test_a_line_that_is_no_json_is_rejected_alone(store: Store) -> None:
    content = lines(described("a")) + b'{"jobId": "b", "createdAt": \n' + lines(described("c"))
    result = ingest(store, uploaded("jobs.jsonl", content), kind="service_jobs")
    assert (result.accepted_count, result.rejected_count) == (2, 1)


def test_what_is_nested_without_end_takes_no_other_file_down(store: Store) -> None:
    deep: Any = "x"
    for _ in range(600):
        deep = [deep]
    files = [
        uploaded("deep.json", lines(described("a", tags={"deep": deep}))),
        uploaded("good.json", lines(described("b"))),
    ]
    outcomes = list(ingest_files(store, files))
    assert isinstance(outcomes[1], ImportResult)
    assert store.scalar("select count(*) from service_jobs where service_job_id = 'b'") == 1


def test_a_thousand_attempts_are_kept(store: Store, take: Take) -> None:
    many = [attempt(f"a-{number}", number, number + 1) for number in range(1000)]
    take(described("a", attempts=many))
    assert store.scalar("select count(*) from service_job_attempts") == 1000


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["", "0", "{}", "[]", "arn:", "arn:aws:batch:::", "::::/", "ml.p4d.24xlarge"]),
)
nonsense = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
ANSWERS: dict[str, Callable[[], dict[str, Any]]] = {
    "service_jobs": lambda: described(
        "a",
        attempts=[attempt("a-1", 10, 20)],
        preemptionSummary=batch.preempted(1, attempt("a-1", 10, 20)),
        capacityUsage=[{"capacityUnit": "ml.g5.xlarge", "quantity": 1.0}],
    ),
    "job_queues": batch.queue,
    "service_environments": batch.environment,
    "scheduling_policies": batch.fair_share_policy,
    "quota_shares": batch.quota_share,
    "queue_snapshots": batch.snapshot,
}


def _spoil(document: Any, path: list[int], value: Any) -> Any:
    """Return a document with the value at a path of places replaced."""
    if not path or not isinstance(document, dict | list) or not document:
        return value
    keys = list(document) if isinstance(document, dict) else list(range(len(document)))
    key = keys[path[0] % len(keys)]
    spoilt = dict(document) if isinstance(document, dict) else list(document)
    spoilt[key] = _spoil(document[key], path[1:], value)
    return spoilt


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ANSWERS)
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_nonsense_takes_an_import_down(store: Store, kind: str, data: st.DataObject) -> None:
    spoilt = [
        _spoil(
            ANSWERS[kind](),
            data.draw(st.lists(st.integers(0, 40), min_size=1, max_size=5)),
            data.draw(nonsense),
        )
        for _ in range(8)
    ]
    content = b"".join(json.dumps(document).encode() + b"\n" for document in spoilt)
    result = ingest(store, uploaded("spoilt.jsonl", content), kind=kind)
    assert result.row_count >= 0
    assert kind in datasets()
