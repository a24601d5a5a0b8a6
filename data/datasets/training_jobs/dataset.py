"""The dataset of training jobs."""

from typing import TYPE_CHECKING

from data.datasets.dataset import Dataset, Head, WritePolicy
from data.datasets.stale_queues import mark_span
from data.datasets.training_jobs.aws_json import AWS_JSON
from data.datasets.training_jobs.identity import IDENTITY
from data.datasets.training_jobs.tabular import TARGET
from data.tables import TABLES

if TYPE_CHECKING:
    import duckdb

_AWS_KEYS = frozenset({"trainingjobname", "trainingjobarn", "trainingjobsummaries", "trainingjob"})
_BATCH_KEYS = frozenset({"jobid", "jobqueue"})


def _is_recognised(head: Head) -> bool:
    if head.file_format == "json" and head.names & _AWS_KEYS:
        return True
    if head.file_format == "json" and "detail-type" in head.names:
        return not head.names & _BATCH_KEYS
    return head.names.issuperset(TARGET.required)


def _mark_changed(cursor: "duckdb.DuckDBPyConnection") -> None:
    cursor.execute("insert into stale_jobs select job_id from changed")
    _mark_queues(cursor, "changed")


def _mark_changing(cursor: "duckdb.DuckDBPyConnection") -> None:
    _mark_queues(cursor, "changing")


def _mark_queues(cursor: "duckdb.DuckDBPyConnection", keys: str) -> None:
    """Mark the queues that jobs came through: by a column of their own, or as an attempt."""
    jobs = f"training_jobs as job semi join {keys} using (job_id)"
    mark_span(
        cursor,
        f"(from {jobs} where queue_name is not null or share_name is not null)",
        queue="queue_name",
        start="created_at",
        end="training_ended_at",
    )
    mark_span(
        cursor,
        f"""
        (
            select service_job.queue_name, job.created_at, job.training_ended_at
            from {jobs}
            inner join service_job_attempts as attempt
                on lower(attempt.training_job_arn) = lower(job.job_arn)
            inner join service_jobs as service_job using (service_job_no)
        )
        """,
        queue="queue_name",
        start="created_at",
        end="training_ended_at",
    )


DATASET = Dataset(
    kind="jobs",
    label="training jobs",
    target=TARGET,
    policy=WritePolicy.UPSERT,
    forms=(AWS_JSON,),
    is_recognised=_is_recognised,
    time_column="created_at",
    versions=TABLES["training_job_versions"],
    sequence=("job_id", "job_ids"),
    identity=IDENTITY,
    on_change=_mark_changed,
    before_change=_mark_changing,
)
