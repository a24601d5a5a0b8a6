"""What is read of AWS Batch's answers is what AWS Batch answers, by botocore's own model."""

from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from data.datasets.answers import sql_type
from data.datasets.catalog import datasets
from data.datasets.job_queues.dataset import DESCRIBE_JOB_QUEUES
from data.datasets.queue_snapshots.dataset import GET_JOB_QUEUE_SNAPSHOT
from data.datasets.quota_shares.dataset import QUOTA_SHARES
from data.datasets.scheduling_policies.dataset import SCHEDULING_POLICIES
from data.datasets.service_environments.dataset import DESCRIBE_SERVICE_ENVIRONMENTS
from data.datasets.service_jobs.aws_json import AWS_JSON
from data.store.store import Store
from tests.data.datasets import batch

MODEL = botocore.session.get_session().get_service_model("batch")

# the answer that has every field of a record, and where in it the record lies
READ = {
    "service_jobs": (AWS_JSON, "DescribeServiceJob", ""),
    "job_queues": (DESCRIBE_JOB_QUEUES, "DescribeJobQueues", "jobQueues"),
    "service_environments": (
        DESCRIBE_SERVICE_ENVIRONMENTS,
        "DescribeServiceEnvironments",
        "serviceEnvironments",
    ),
    "scheduling_policies": (
        SCHEDULING_POLICIES,
        "DescribeSchedulingPolicies",
        "schedulingPolicies",
    ),
    "quota_shares": (QUOTA_SHARES, "DescribeQuotaShare", ""),
    "queue_snapshots": (GET_JOB_QUEUE_SNAPSHOT, "GetJobQueueSnapshot", ""),
}
# the queue of a snapshot is named by whoever exports it
ADDED = {("queue_snapshots", "jobQueue")}

ANSWERS: dict[str, tuple[str, Any]] = {
    "a list of service jobs": (
        "ListServiceJobs",
        {
            "jobSummaryList": [
                batch.summary("a"),
                batch.summary(
                    "b",
                    shareIdentifier=None,
                    quotaShareName="vision",
                    scheduledAt=batch.ms(5),
                    startedAt=batch.ms(9),
                    stoppedAt=batch.ms(99),
                    status="SUCCEEDED",
                    latestAttempt={"serviceResourceId": batch.resource("b")},
                    capacityUsage=[{"capacityUnit": "ml.p4d.24xlarge", "quantity": 2.0}],
                ),
            ]
        },
    ),
    "a described service job": (
        "DescribeServiceJob",
        batch.described(
            "a",
            attempts=[batch.attempt("a-1", 10, 20, "stopped")],
            latestAttempt={"serviceResourceId": batch.resource("a-2")},
            preemptionSummary=batch.preempted(1, batch.attempt("a-1", 10, 20, "preempted")),
            preemptionConfiguration={"preemptionRetriesBeforeTermination": 3},
            serviceRequestPayload="{}",
        ),
    ),
    "job queues": ("DescribeJobQueues", {"jobQueues": [batch.queue()]}),
    "service environments": (
        "DescribeServiceEnvironments",
        {"serviceEnvironments": [batch.environment()]},
    ),
    "scheduling policies": (
        "DescribeSchedulingPolicies",
        {"schedulingPolicies": [batch.fair_share_policy(), batch.quota_policy()]},
    ),
    "a list of policies": (
        "ListSchedulingPolicies",
        {"schedulingPolicies": [{"arn": batch.POLICY}]},
    ),
    "a list of quota shares": ("ListQuotaShares", {"quotaShares": [batch.quota_share()]}),
    "a quota share": ("DescribeQuotaShare", batch.quota_share()),
    "a snapshot": ("GetJobQueueSnapshot", batch.snapshot()),
}


@pytest.mark.parametrize("kind", READ)
def test_every_field_that_is_read_is_one_of_awss(kind: str) -> None:
    answer, operation, wrapper = READ[kind]
    shape = MODEL.operation_model(operation).output_shape
    if wrapper:
        shape = shape.members[wrapper].member
    known = {f"{kind}.{path}" for path in _members(answer.record)}
    assert {
        path
        for path in known - {f"{one}.{name}" for one, name in ADDED}
        if not _has(shape, path.removeprefix(f"{kind}."))
    } == set()


def test_every_kind_with_answers_of_aws_is_held_to_its_model() -> None:
    with_answers = {kind for kind, dataset in datasets().items() if dataset.forms}
    assert with_answers == {*READ, "jobs", "metrics", "prices", "service_quotas", "training_plans"}


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_answers_of_these_tests_are_such_as_aws_gives(answer: str) -> None:
    operation, document = ANSWERS[answer]
    shape = MODEL.operation_model(operation).output_shape
    assert set(document) <= set(shape.members)
    report = ParamValidator().validate(document, shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.parametrize("kind", READ)
def test_the_record_type_is_one_duckdb_knows(store: Store, kind: str) -> None:
    assert store.scalar(f"select null::{sql_type(READ[kind][0].record)} is null")


def test_the_states_of_a_job_are_all_of_awss() -> None:
    from data.tables import TABLES

    (stages,) = (field.stages for field in TABLES["service_jobs"].fields if field.stages)
    assert {status for stage in stages for status in stage} == set(
        MODEL.shape_for("ServiceJobStatus").enum
    )


def _members(spec: Any, path: str = "") -> set[str]:
    """Return the dotted paths of a spec."""
    inner = spec[0] if isinstance(spec, list) else spec
    found: set[str] = set()
    if isinstance(inner, dict):
        for key, below in inner.items():
            found |= {f"{path}{key}"} | _members(below, f"{path}{key}.")
    return found


def _has(shape: Any, path: str) -> bool:
    for part in path.split("."):
        if shape.type_name == "list":
            shape = shape.member
        if part not in shape.members:
            return False
        shape = shape.members[part]
    return True
