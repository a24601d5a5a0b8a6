"""The dataset of service jobs."""

from typing import TYPE_CHECKING

from data.datasets.dataset import Dataset, Head, WritePolicy
from data.datasets.service_jobs.aws_json import AWS_JSON
from data.datasets.stale_queues import mark_span
from data.files.target import Given, target
from data.files.values import ValueKind
from data.tables import TABLES
from data.tables.quoting import literal

if TYPE_CHECKING:
    import duckdb

REQUIRED = ("service_job_id", "queue_name", "created_at")
_OWN_KEYS = frozenset({"servicejobtype", "jobsummarylist", "servicejobs", "servicerequestpayload"})
_EVENT_KEYS = frozenset({"detail-type", "jobid", "jobqueue"})


def _is_recognised(head: Head) -> bool:
    if head.file_format == "json" and "trainingjobname" not in head.names:
        return bool(head.names & _OWN_KEYS) or head.names.issuperset(_EVENT_KEYS)
    return head.names.issuperset(REQUIRED)


def _made(given: Given) -> dict[str, str]:
    account_id = literal(f"import:{given.mapping_name}")
    return {
        "account_id": f"coalesce(whole_account({given.sql('account_id')}), {account_id})",
        "region": f"coalesce({given.sql('region')}, 'unknown')",
        "record_kind": "'export'",
    }


def _mark_changed(cursor: "duckdb.DuckDBPyConnection") -> None:
    _mark(cursor, "changed")


def _mark_changing(cursor: "duckdb.DuckDBPyConnection") -> None:
    _mark(cursor, "changing")


def _mark(cursor: "duckdb.DuckDBPyConnection", keys: str) -> None:
    # training jobs have queue and share from the service job that they are an attempt of
    cursor.execute(
        f"""
        insert into stale_jobs
        select job_id
        from training_jobs
        where lower(job_arn) in (
            select lower(training_job_arn)
            from service_job_attempts
            semi join {keys} using (service_job_no)
        )
        """
    )
    mark_span(
        cursor,
        f"service_jobs semi join {keys} using (service_job_no)",
        queue="queue_name",
        start="created_at",
        end="ended_at",
    )


DATASET = Dataset(
    kind="service_jobs",
    label="service jobs",
    target=target(
        TABLES["service_jobs"],
        kinds={
            "scheduling_priority": ValueKind.INTEGER,
            "preemption_retry_count": ValueKind.INTEGER,
            "instance_groups": ValueKind.GROUPS,
        },
        without=("record_kind", "input_seq"),
        required=REQUIRED,
        identifier="service_job_id",
        in_order=(("created_at", "scheduled_at"), ("created_at", "ended_at")),
        made=_made,
        is_named_by_mapping=True,
    ),
    policy=WritePolicy.UPSERT,
    forms=(AWS_JSON.form,),
    is_recognised=_is_recognised,
    time_column="created_at",
    read_column="fetched_at",
    versions=TABLES["service_job_versions"],
    sequence=("service_job_no", "service_job_numbers"),
    on_change=_mark_changed,
    before_change=_mark_changing,
)
