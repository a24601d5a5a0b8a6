"""The relations that filters apply to: what a row is, its time, and what it can be filtered by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relation:
    """A table whose rows a query can be narrowed to.

    A query's SQL reads the rows that pass as `filtered_<noun>`; `time_column` is what `since` and
    `until` bound; `columns` are those that `where` may name.
    """

    table: str
    noun: str
    time_column: str
    columns: tuple[str, ...]


JOBS = Relation(
    table="job_facts",
    noun="jobs",
    time_column="created_at",
    columns=(
        "job_name",
        "account_id",
        "region",
        "created_at",
        "training_started_at",
        "training_ended_at",
        "status",
        "instance_type",
        "instance_count",
        "accelerator_count",
        "input_mode",
        "keep_alive_period_s",
        "pool_key",
        "eligibility",
        "outcome",
        "miss_reason",
        "evidence",
        "donor_job_name",
        "gap_s",
        "startup_latency_s",
        "provisioning_s",
        "download_s",
        "billable_s",
        "retained_s",
        "list_cost_usd",
        "retained_cost_usd",
        "user_name",
        "share_name",
        "queue_name",
        "start_kind",
        "missed_donor_job_name",
        "missed_by_s",
        "differing_fields",
        "price_note",
        "is_price_estimated",
        "is_image_pull_hidden",
    ),
)

QUEUE_JOBS = Relation(
    table="queue_jobs",
    noun="queue_jobs",
    time_column="created_at",
    columns=(
        "job_name",
        "account_id",
        "region",
        "queue_name",
        "share_name",
        "share_kind",
        "scheduling_priority",
        "created_at",
        "scheduled_at",
        "started_at",
        "ended_at",
        "status",
        "instance_type",
        "instance_count",
        "accelerator_count",
        "attempt_count",
        "preempted_attempt_count",
        "user_name",
        "queue_wait_s",
    ),
)

STEP_TIMES = Relation(
    table="step_times",
    noun="step_times",
    time_column="ran_at",
    columns=("workload", "configuration", "cluster_label", "region", "job_name"),
)
