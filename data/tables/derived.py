"""Derived tables: what is computed after a merge of each job, each pool, and what a hit saves."""

from data.tables.columns import COLUMNS
from data.tables.declaration import Field, Merge, Table


def _table(
    name: str, description: str, names: str, *, required: str, types: dict[str, str] | None = None
) -> Table:
    return Table(
        name,
        description,
        tuple(
            Field(
                COLUMNS[column],
                is_required=column in required.split(),
                merge=Merge.STORE,
                type=(types or {}).get(column, ""),
            )
            for column in names.split()
        ),
        is_derived=True,
    )


JOB_FACTS = _table(
    "job_facts",
    "One row a training job: its place in the pool ledger, its startup and its list costs",
    """
    job_id account_id region job_name created_at request_at release_at training_started_at
    training_ended_at status instance_type instance_count accelerator_count input_mode
    keep_alive_period_s pool_id pool_key eligibility outcome miss_reason evidence start_kind
    has_predecessor donor_job_id donor_job_name missed_donor_job_name missed_by_s differing_fields
    gap_s unlimited_gap_s unlimited_idle_s unlimited_donor_job_id is_releasing startup_latency_s
    provisioning_s download_s is_image_pull_hidden billable_s retained_s usd_per_h price_note
    is_price_estimated list_cost_usd billed_startup_usd retained_cost_usd is_failed user_name
    share_name queue_name has_quota_message warm_pool_status
    """,
    required="""
    job_id account_id region job_name created_at request_at eligibility start_kind is_releasing
    is_image_pull_hidden is_failed has_quota_message
    """,
)

POOLS = _table(
    "pools",
    "One row a pool: jobs that could reuse each other's clusters",
    """
    pool_id account_id region pool_key role_arn instance_count instance_type volume_kms_key_id
    volume_size_gib security_group_ids subnets has_inter_container_encryption
    has_network_isolation pool_label
    """,
    required="pool_id account_id region pool_key",
    # sorted, as one text, so that equal sets are equal
    types={"security_group_ids": "varchar", "subnets": "varchar"},
)

POOL_SAVINGS = _table(
    "pool_savings",
    "What one hit saves, by pool",
    """
    pool_id wait_saved_per_hit_s billed_saved_per_hit_s saved_source cold_job_count warm_job_count
    """,
    required="""
    pool_id wait_saved_per_hit_s billed_saved_per_hit_s saved_source cold_job_count warm_job_count
    """,
)

POOL_STARTUPS = _table(
    "pool_startups",
    "Cold against warm starts of each pool's own jobs",
    """
    pool_id instance_family input_mode cold_job_count warm_job_count wait_saved_per_hit_s
    billed_saved_per_hit_s
    """,
    required="pool_id cold_job_count warm_job_count",
)

FAMILY_STARTUPS = _table(
    "family_startups",
    "Cold against warm starts of all jobs of an instance family and input mode",
    """
    instance_family input_mode cold_job_count warm_job_count wait_saved_per_hit_s
    billed_saved_per_hit_s
    """,
    required="instance_family input_mode cold_job_count warm_job_count",
)

SHARE_HOURS = _table(
    "share_hours",
    "One row a share and hour: the capacity that it owned, used, borrowed, lent and left idle",
    """
    queue_name share_name share_kind is_unassigned capacity_unit hour_at capacity_instance_h
    own_instance_h used_instance_h owned_used_instance_h borrowed_instance_h lent_instance_h
    idle_instance_h over_capacity_instance_h preempted_instance_h waiting_instance_h
    starved_instance_h allocated_gpu_h unknown_gpu_instance_h unknown_size_h active_h
    """,
    required="is_unassigned capacity_unit hour_at used_instance_h",
)
