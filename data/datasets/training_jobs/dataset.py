"""The dataset of training jobs."""

from typing import TYPE_CHECKING

from data.datasets.dataset import Dataset, Head, WritePolicy
from data.datasets.training_jobs.aws_json import AWS_JSON
from data.datasets.training_jobs.tabular import TARGET
from data.tables import TABLES

if TYPE_CHECKING:
    import duckdb

_AWS_KEYS = frozenset(
    {"trainingjobname", "trainingjobarn", "trainingjobsummaries", "trainingjob", "detail-type"}
)


def _is_recognised(head: Head) -> bool:
    if head.file_format == "json" and head.names & _AWS_KEYS:
        return True
    return head.names.issuperset(TARGET.required)


def _mark_stale(cursor: "duckdb.DuckDBPyConnection") -> None:
    cursor.execute("insert into stale_jobs select job_id from changed")


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
    on_change=_mark_stale,
)
