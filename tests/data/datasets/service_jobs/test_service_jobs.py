"""What becomes of the answers of list- and describe-service-job, and of events."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.home import Home
from data.store.store import Store
from tests.conftest import at, describe_job, lines
from tests.data.datasets.batch import (
    attempt,
    described,
    event,
    ms,
    preempted,
    resource,
    summary,
)

Take = Callable[..., ImportResult]


def one_job(store: Store, columns: str = "* exclude (attempts)") -> pd.Series:
    rows = store.frame(f"select {columns} from service_jobs")
    assert len(rows) == 1
    return rows.iloc[0]


def attempts(store: Store) -> list[tuple[Any, ...]]:
    """Return training job, start and end in seconds after T0, and whether it was preempted."""
    rows = store.frame(
        "select split_part(training_job_arn, '/', 2) as name,"
        " epoch(started_at - $t0::timestamptz) as started,"
        " epoch(ended_at - $t0::timestamptz) as ended, is_preempted"
        " from service_job_attempts order by service_job_no, position",
        {"t0": at(0)},
    ).astype(object)
    return [tuple(row) for row in rows.where(rows.notna(), None).itertuples(index=False)]


def test_a_described_job_has_its_queue_share_times_and_settings(store: Store, take: Take) -> None:
    job = described(
        "a",
        status="SUCCEEDED",
        statusReason="done",
        scheduledAt=ms(30),
        startedAt=ms(60),
        stoppedAt=ms(600),
        capacityUsage=[{"capacityUnit": "ml.p4d.24xlarge", "quantity": 4.0}],
        retryStrategy={"attempts": 3},
        preemptionConfiguration={"preemptionRetriesBeforeTermination": 2},
        preemptionSummary=preempted(0),
        tags={"Owner": "ann", "cost": "1"},
    )
    assert take(job).kind == "service_jobs"
    row = one_job(store)
    assert dict(row[["account_id", "region", "service_job_id", "service_job_name"]]) == {
        "account_id": "123456789012",
        "region": "us-east-1",
        "service_job_id": "a",
        "service_job_name": "train-a",
    }
    assert (row.queue_name, row.share_name, row.share_kind) == ("gpus", "vision", "fair_share")
    assert (row.scheduling_priority, row.status, row.status_reason) == (10, "SUCCEEDED", "done")
    times = [row[name] for name in ("created_at", "scheduled_at", "started_at", "ended_at")]
    assert times == [pd.Timestamp(at(seconds)) for seconds in (0, 30, 60, 600)]
    assert [dict(group) for group in row.instance_groups] == [
        {"group_name": None, "instance_type": "ml.p4d.24xlarge", "instance_count": 4}
    ]
    assert (row.retry_attempt_count, row.preemption_retry_count) == (3, 2)
    assert (row.preempted_attempt_count, row.is_terminated) == (0, False)
    assert (row.user_name, row.record_kind) == ("ann", "describe")
    assert {tag["key"]: tag["value"] for tag in row.tags} == {"Owner": "ann", "cost": "1"}


def test_a_quota_share_is_another_kind_of_share(store: Store, take: Take) -> None:
    take(summary("a", shareIdentifier=None, quotaShareName="speech"))
    assert tuple(one_job(store, "share_name, share_kind")) == ("speech", "quota")


def test_seconds_and_milliseconds_are_told_apart(store: Store, take: Take) -> None:
    # AWS's own samples show seconds, its model says milliseconds
    in_seconds = described(
        "a",
        createdAt=ms(0) // 1000,
        scheduledAt=ms(30) // 1000,
        startedAt=ms(60) // 1000,
        attempts=[
            {
                "serviceResourceId": resource("a-1"),
                "startedAt": ms(60) // 1000,
                "stoppedAt": ms(90) // 1000,
            }
        ],
    )
    take(in_seconds)
    row = one_job(store, "created_at, scheduled_at, started_at")
    assert list(row) == [pd.Timestamp(at(seconds)) for seconds in (0, 30, 60)]
    assert attempts(store) == [("a-1", 60, 90, False)]


@pytest.mark.parametrize("started", [0, None, "0"])
def test_a_job_that_waits_has_no_start(store: Store, take: Take, started: object) -> None:
    take(described("a", startedAt=started, scheduledAt=started, stoppedAt=started))
    row = one_job(store, "started_at, scheduled_at, ended_at")
    assert row.isna().all()


def test_a_job_that_is_queued_again_has_not_ended(store: Store, take: Take) -> None:
    take(described("a", status="RUNNABLE", startedAt=ms(10), stoppedAt=ms(90)))
    assert one_job(store, "ended_at").isna().all()


def test_attempts_come_from_three_lists_and_are_merged_by_arn(store: Store, take: Take) -> None:
    job = described(
        "a",
        shareIdentifier=None,
        quotaShareName="speech",
        status="RUNNING",
        attempts=[attempt("a-2", 100, 150, "failed")],
        latestAttempt={"serviceResourceId": resource("A-3")},
        preemptionSummary=preempted(1, attempt("a-1", 10, 50, "preempted")),
    )
    job["attempts"].append(attempt("a-3", 200))
    take(job)
    # the window has all that were preempted, so that the second is known not to be one of them
    assert [(name.lower(), *rest) for name, *rest in attempts(store)] == [
        ("a-1", 10, 50, True),
        ("a-2", 100, 150, False),
        ("a-3", 200, None, None),
    ]


def test_where_the_window_has_slid_it_is_unknown_what_was_preempted(
    store: Store, take: Take
) -> None:
    take(
        described(
            "a",
            shareIdentifier=None,
            quotaShareName="speech",
            attempts=[attempt("a-1", 10, 50), attempt("a-3", 100, 150)],
            preemptionSummary=preempted(2, attempt("a-2", 60, 90)),
        )
    )
    assert attempts(store) == [
        ("a-1", 10, 50, None),
        ("a-2", 60, 90, True),
        ("a-3", 100, 150, None),
    ]


REQUEST = {
    "TrainingJobName": "train-a",
    "HyperParameters": {"password": "hunter2"},
    "Environment": {"WANDB_API_KEY": "hunter3"},
    "AlgorithmSpecification": {"ContainerArguments": ["--token", "hunter4"]},
}


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (
            {"InstanceType": "ml.g5.2xlarge", "InstanceCount": 2},
            [(None, "ml.g5.2xlarge", 2)],
        ),
        (
            {
                "InstanceGroups": [
                    {
                        "InstanceGroupName": "cpu",
                        "InstanceType": "ml.c5.xlarge",
                        "InstanceCount": 3,
                    },
                    {
                        "InstanceGroupName": "gpu",
                        "InstanceType": "ml.g5.xlarge",
                        "InstanceCount": 1,
                    },
                ]
            },
            [("cpu", "ml.c5.xlarge", 3), ("gpu", "ml.g5.xlarge", 1)],
        ),
    ],
)
def test_the_request_says_the_resources_where_no_usage_does(
    store: Store, take: Take, resources: dict[str, Any], expected: list[tuple[Any, ...]]
) -> None:
    take(described("a", serviceRequestPayload=json.dumps({**REQUEST, "ResourceConfig": resources})))
    groups = one_job(store, "instance_groups").item()
    assert [tuple(group.values()) for group in groups] == expected


def test_several_capacity_units_are_several_groups(store: Store, take: Take) -> None:
    usage = [
        {"capacityUnit": "ml.c5.xlarge", "quantity": 3.0},
        {"capacityUnit": "ml.g5.xlarge", "quantity": 1.0},
    ]
    take(described("a", capacityUsage=usage))
    groups = one_job(store, "instance_groups").item()
    assert [(group["instance_type"], group["instance_count"]) for group in groups] == [
        ("ml.c5.xlarge", 3),
        ("ml.g5.xlarge", 1),
    ]


def test_a_unit_that_only_counts_takes_the_type_from_the_request(store: Store, take: Take) -> None:
    resources = {"InstanceType": "ml.g5.2xlarge", "InstanceCount": 2}
    take(
        described(
            "a",
            capacityUsage=[{"capacityUnit": "NUM_INSTANCES", "quantity": 2}],
            serviceRequestPayload=json.dumps({"ResourceConfig": resources}),
        )
    )
    (group,) = one_job(store, "instance_groups").item()
    assert (group["instance_type"], group["instance_count"]) == ("ml.g5.2xlarge", 2)


@pytest.mark.parametrize("payload", ["", "no JSON", "[1]", '"text"', '{"ResourceConfig": [7]}'])
def test_a_request_that_says_nothing_is_no_reason_to_reject(
    store: Store, take: Take, payload: str
) -> None:
    assert take(described("a", serviceRequestPayload=payload)).rejected_count == 0
    assert one_job(store, "instance_groups").isna().all()


def test_no_secret_of_a_request_reaches_the_disk(store: Store, home: Home, take: Take) -> None:
    job = described("a", serviceRequestPayload=json.dumps(REQUEST))
    take(job)
    take({"jobSummaryList": [job]}, name="list.json")
    take({"serviceJobs": [{**job, "serviceRequestPayload": REQUEST}]}, name="object.json")
    store.close()
    kept = [path.read_bytes() for path in home.root.rglob("*") if path.is_file()]
    assert any(b"serviceRequestPayload" in content for content in kept)
    for secret in (b"hunter2", b"hunter3", b"hunter4"):
        assert not any(secret in content for content in kept)


def _documents(*documents: object) -> bytes:
    return b"\n".join(json.dumps(document, indent=2).encode() for document in documents)


TWO = [summary("a"), summary("b")]
FILES = {
    "one answer": (_documents(described("a")), 1),
    "JSON lines": (lines(*TWO), 2),
    "several documents": (_documents(*TWO), 2),
    "a list": (_documents(TWO), 2),
    "a page": (_documents({"jobSummaryList": TWO, "nextToken": "x"}), 2),
    "pages": (_documents({"jobSummaryList": TWO[:1]}, {"jobSummaryList": TWO[1:]}), 2),
    "a list of pages": (_documents([{"jobSummaryList": TWO[:1]}, {"jobSummaryList": TWO[1:]}]), 2),
    "described in one": (_documents({"serviceJobs": [described("a"), described("b")]}), 2),
    "events": (lines(event(described("a"), 5), event(described("b"), 5)), 2),
    "compressed": (gzip.compress(lines(*TWO)), 2),
}


@pytest.mark.thorough
@pytest.mark.parametrize("form", FILES)
def test_every_way_to_keep_answers_is_read_without_a_kind(store: Store, form: str) -> None:
    content, count = FILES[form]
    result = ingest(store, uploaded("jobs.json", content))
    assert (result.kind, result.accepted_count, result.rejected_count) == ("service_jobs", count, 0)
    assert store.scalar("select count(*) from service_jobs") == count


def test_unknown_keys_are_ignored(store: Store, take: Take) -> None:
    take(described("a", somethingNew={"deep": [1, 2]}, latestAttempt={"another": 1}))
    assert one_job(store, "service_job_id").item() == "a"


def test_an_event_takes_what_its_envelope_says(store: Store, take: Take) -> None:
    detail = {
        key: value for key, value in described("a", jobQueue="gpus").items() if key != "jobArn"
    }
    around = event(described("a"), 5) | {"detail": detail}
    take(around, name="events.jsonl")
    row = one_job(store, "account_id, region, service_job_arn, queue_name, last_modified_at")
    assert list(row[:2]) == ["123456789012", "us-east-1"]
    assert row.service_job_arn.endswith(":service-job/a")
    assert row.queue_name == "gpus"
    assert row.last_modified_at == pd.Timestamp(at(5))


def test_events_of_training_jobs_stay_training_jobs(store: Store, take: Take) -> None:
    training = {
        "detail-type": "SageMaker Training Job State Change",
        "account": "123456789012",
        "region": "us-east-1",
        "time": at(0),
        "detail": {"TrainingJobName": "x", "CreationTime": str(ms(0))},
    }
    assert take(training, name="one.jsonl").kind == "jobs"
    # a rule that catches both writes one file: each kind finds its own
    both = uploaded("both.jsonl", lines(training, event(described("a"), 5)))
    assert ingest(store, both, kind="jobs").rejected_count == 1
    found = ingest(store, both, kind="service_jobs")
    assert (found.accepted_count, found.rejected_count) == (1, 1)


def test_an_export_of_service_jobs_is_read_by_its_columns(store: Store) -> None:
    content = (
        "service_job_id,queue_name,created_at,share_name,scheduling_priority\n"
        f"a,gpus,{at(0)},vision,5\n"
    ).encode()
    result = ingest(store, uploaded("jobs.csv", content), kind="service_jobs")
    assert result.accepted_count == 1
    row = one_job(store, "queue_name, share_name, scheduling_priority, record_kind")
    assert tuple(row) == ("gpus", "vision", 5, "export")


def test_the_training_jobs_of_a_job_are_found_by_arn_whatever_the_case(
    store: Store, take: Take
) -> None:
    take(describe_job("AWSBatchTrain"), describe_job("other"))
    take(described("a", attempts=[attempt("awsbatchtrain", 10, 20)]), name="service.json")
    joined = store.scalar(
        "select count(*) from training_jobs join service_job_attempts"
        " on lower(job_arn) = lower(training_job_arn)"
    )
    assert joined == 1
