"""Tables of training jobs: the jobs, the records they are merged from, and their lists as rows."""

from data.tables.columns import COLUMNS
from data.tables.declaration import Field, Merge, Table

_MERGES = {
    **{name: Merge.KEY for name in ("account_id", "region", "job_name")},
    **{name: Merge.RECORD for name in ("record_kind", "input_seq", "last_modified_at")},
    **{name: Merge.LONGEST for name in ("input_channels", "status_transitions", "final_metrics")},
    "warm_pool_status": Merge.FURTHEST,
}
_TYPES = {"accelerator_count": "bigint"}
_STAGES = {"warm_pool_status": (("InUse",), ("Available",), ("Reused", "Terminated"))}
_BROUGHT = """
    account_id region job_name record_kind input_seq last_modified_at job_arn created_at eligible_at
    scheduled_at training_started_at first_training_at training_ended_at status secondary_status
    failure_reason role_arn image_uri algorithm_name metric_names instance_groups is_grouped
    accelerator_count volume_size_gib volume_kms_key_id security_group_ids subnets
    has_inter_container_encryption has_network_isolation is_spot is_serverless is_profiled
    keep_alive_period_s training_plan_arn tuning_job_arn auto_ml_job_arn input_mode input_channels
    status_transitions final_metrics tags warm_pool_status retained_s reused_by_job_name
    training_time_s billable_s max_runtime_s user_name share_name queue_name scheduling_priority
    pool_key startup_latency_s provisioning_s download_s capacity_instance_count
    cpu_utilization_ratio gpu_utilization_ratio step_time_ms workload configuration
    list_unit_price_usd_per_h is_time_unclear
"""
_PROVENANCE = ("import_id", "fetched_at", "content_hash", "record_hash")

_RECORDS = (
    *(
        Field(
            COLUMNS[name],
            merge=_MERGES.get(name, Merge.NEWEST),
            type=_TYPES.get(name, ""),
            stages=_STAGES.get(name, ()),
        )
        for name in _BROUGHT.split()
    ),
    *(Field(COLUMNS[name], merge=Merge.PROVENANCE) for name in _PROVENANCE),
)

TRAINING_JOBS = Table(
    "training_jobs",
    "One row a training job, merged from all its records",
    (
        Field(COLUMNS["job_id"], is_required=True, merge=Merge.STORE),
        *_RECORDS,
        Field(COLUMNS["version_count"], is_required=True, merge=Merge.STORE),
    ),
)

TRAINING_JOB_VERSIONS = Table(
    "training_job_versions",
    "The records of jobs that have more than one",
    (Field(COLUMNS["job_id"], is_required=True, merge=Merge.STORE), *_RECORDS),
)

STALE_JOBS = Table(
    "stale_jobs",
    "Jobs whose derived rows are out of date",
    (Field(COLUMNS["job_id"], is_required=True, merge=Merge.STORE),),
)


def _list_rows(list_name: str, description: str, **fields: str) -> Table:
    """Return a view with one row an entry of a job's list; `fields` name its columns."""
    columns = ", ".join(f'(entry.item)."{field}" as {name}' for name, field in fields.items())
    return Table(
        list_name,
        description,
        tuple(
            Field(COLUMNS[name], merge=Merge.STORE)
            for name in ("job_id", "account_id", "region", "job_name", "position", *fields)
        ),
        select=f"""
            select job_id, account_id, region, job_name, entry.position, {columns}
            from training_jobs, lateral (
                select
                    unnest({list_name}) as item,
                    generate_subscripts({list_name}, 1) as position
            ) as entry
        """,
    )


INSTANCE_GROUPS = _list_rows(
    "instance_groups",
    "One row an instance group of a job",
    group_name="group_name",
    instance_type="instance_type",
    instance_count="instance_count",
)
STATUS_TRANSITIONS = _list_rows(
    "status_transitions",
    "One row a visit of a detailed status",
    secondary_status="secondary_status",
    started_at="started_at",
    ended_at="ended_at",
    status_message="status_message",
)
INPUT_CHANNELS = _list_rows(
    "input_channels",
    "One row an input channel of a job",
    channel_name="channel_name",
    input_mode="input_mode",
    source_kind="source_kind",
    uri="uri",
)
FINAL_METRICS = _list_rows(
    "final_metrics",
    "One row a metric that a job ended with",
    metric_name="metric_name",
    metric_value="value",
    recorded_at="recorded_at",
)
