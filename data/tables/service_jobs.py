"""Tables of AWS Batch service jobs: the jobs, their records, their attempts, and stale queues."""

from data.tables.columns import COLUMNS
from data.tables.declaration import Field, Merge, Table

_MERGES = {
    **{name: Merge.KEY for name in ("account_id", "region", "service_job_id")},
    **{name: Merge.RECORD for name in ("record_kind", "input_seq", "last_modified_at")},
    "status": Merge.FURTHEST,
    "attempts": Merge.UNION,
}
# a job goes back to RUNNABLE where capacity is short, and after a preemption
_STAGES = {
    "status": (
        ("SUBMITTED", "PENDING", "RUNNABLE", "SCHEDULED", "STARTING", "RUNNING"),
        ("SUCCEEDED", "FAILED"),
    )
}
# what AWS says of preempted attempts is a window that slides: each attempt stays, by its ARN
_ATTEMPT_KEY = "coalesce(lower(entry.training_job_arn), entry.started_at::varchar)"
_ATTEMPT_ORDER = "coalesce(entry.started_at, entry.ended_at, 'infinity'::timestamptz)"
_BROUGHT = """
    account_id region service_job_id record_kind input_seq last_modified_at service_job_arn
    service_job_name queue_name share_name share_kind scheduling_priority status status_reason
    created_at scheduled_at started_at ended_at instance_groups attempts preempted_attempt_count
    retry_attempt_count preemption_retry_count is_terminated user_name tags
"""
_PROVENANCE = ("import_id", "fetched_at", "content_hash", "record_hash")

_RECORDS = (
    *(
        Field(
            COLUMNS[name],
            merge=_MERGES.get(name, Merge.NEWEST),
            stages=_STAGES.get(name, ()),
            entry_key=_ATTEMPT_KEY if name == "attempts" else "",
            entry_order=_ATTEMPT_ORDER if name == "attempts" else "",
        )
        for name in _BROUGHT.split()
    ),
    *(Field(COLUMNS[name], merge=Merge.PROVENANCE) for name in _PROVENANCE),
)

SERVICE_JOBS = Table(
    "service_jobs",
    "One row a service job of AWS Batch, merged from all its records",
    (
        Field(COLUMNS["service_job_no"], is_required=True, merge=Merge.STORE),
        *_RECORDS,
        Field(COLUMNS["version_count"], is_required=True, merge=Merge.STORE),
    ),
)

SERVICE_JOB_VERSIONS = Table(
    "service_job_versions", "The records of service jobs that have more than one", _RECORDS
)

SERVICE_JOB_ATTEMPTS = Table(
    "service_job_attempts",
    "One row an attempt of a service job: the training job that it ran as",
    tuple(
        Field(COLUMNS[name], merge=Merge.STORE)
        for name in (
            "service_job_no",
            "account_id",
            "region",
            "service_job_id",
            "position",
            "training_job_arn",
            "started_at",
            "ended_at",
            "status_reason",
            "is_preempted",
        )
    ),
    select="""
        select
            service_job_no, account_id, region, service_job_id, attempt.position,
            (attempt.item).training_job_arn as training_job_arn,
            (attempt.item).started_at as started_at,
            (attempt.item).ended_at as ended_at,
            (attempt.item).status_reason as status_reason,
            (attempt.item).is_preempted as is_preempted
        from service_jobs, lateral (
            select
                unnest(attempts) as item,
                generate_subscripts(attempts, 1) as position
        ) as attempt
    """,
)

STALE_QUEUES = Table(
    "stale_queues",
    "Queues of which something that is derived is out of date, and between which times",
    tuple(
        Field(COLUMNS[name], merge=Merge.STORE)
        for name in ("queue_name", "stale_from_at", "stale_until_at")
    ),
)
