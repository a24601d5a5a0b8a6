"""Answers of list-service-jobs and describe-service-job, and events of service jobs."""

from typing import Any

from data.datasets.answers import Answer
from data.datasets.service_jobs.aws_record import RECORD
from data.tables import TABLES
from data.tables.union import union_of

EVENT_TYPE = "Batch Service Job State Change"
_DESCRIBE_ONLY = ("attempts", "retryStrategy", "serviceRequestPayload", "jobQueue", "timeoutConfig")
_CONTAINER_ONLY = ("jobDefinition", "container", "eksProperties", "ecsProperties")


def _record_kind(document: dict[str, Any]) -> str | None:
    if "jobId" not in document and "jobArn" not in document:
        return None
    if any(key in document for key in _CONTAINER_ONLY):
        return None
    return "describe" if any(key in document for key in _DESCRIBE_ONLY) else "summary"


_ATTEMPTS = next(
    field for field in TABLES["service_jobs"].fields if field.column.name == "attempts"
)

AWS_JSON = Answer(
    what="a service job of AWS Batch",
    command="aws batch describe-service-job",
    wrappers=("jobSummaryList", "serviceJobs", "jobs"),
    record_kind=_record_kind,
    record=RECORD,
    package="data.datasets.service_jobs",
    sql="aws_json.sql",
    sql_words={"union_of_attempts": union_of(_ATTEMPTS, "all_attempts")},
    event=EVENT_TYPE,
    reads_settings=True,
)
