"""Tables of what was observed: settings of queues, snapshots, capacity and quotas, each at a time.

The records stay as they were imported; a view of each kind has one row a thing and time, from the
newest import, so that two files with the same facts count once.
"""

from data.tables.columns import COLUMNS
from data.tables.declaration import Field, Merge, Table


def _observed(
    name: str, what: str, key: str, more: str, *, queue: str = "", shown: str = "true"
) -> tuple[Table, Table]:
    """Return the table of the records of a kind, and its view.

    `queue` is SQL for the queue, where it is not simply read; `shown` is what rows are shown.
    """
    names = (*key.split(), *more.split())
    stored = Table(
        f"{name.removesuffix('ies') + 'y' if name.endswith('ies') else name.removesuffix('s')}"
        "_records",
        f"One row a record of {what}",
        (
            *(
                Field(COLUMNS[one], merge=Merge.KEY if one in key.split() else Merge.NEWEST)
                for one in names
            ),
            Field(COLUMNS["import_id"], merge=Merge.PROVENANCE),
        ),
    )
    rows = f"(select * replace ({queue} as queue_name) from {stored.name} as record)"
    view = Table(
        name,
        f"One row {what}",
        tuple(Field(COLUMNS[one], merge=Merge.STORE) for one in (*names, "import_id")),
        select=f"""
            select {", ".join((*names, "import_id"))} from {rows if queue else stored.name} as seen
            where {shown}
            qualify row_number() over (
                partition by {", ".join(key.split())}
                order by import_id desc, hash(seen) desc
            ) = 1
        """,
    )
    return stored, view


JOB_QUEUE_RECORDS, JOB_QUEUES = _observed(
    "job_queues",
    "a job queue and time at which it was observed",
    "account_id region queue_name observed_at",
    "queue_arn state status queue_priority scheduling_policy_arn service_environment_arns",
)
SERVICE_ENVIRONMENT_RECORDS, SERVICE_ENVIRONMENTS = _observed(
    "service_environments",
    "a service environment and time at which it was observed",
    "account_id region environment_name observed_at",
    "environment_arn state status capacity_limits",
)
SCHEDULING_POLICY_RECORDS, SCHEDULING_POLICIES = _observed(
    "scheduling_policies",
    "a scheduling policy and time at which it was observed",
    "account_id region policy_name observed_at",
    "policy_arn share_kind share_decay_s compute_reservation_pct share_weights",
    # a list names policies only: newer than a description, it must not stand for one
    shown="share_kind is not null",
)
QUOTA_SHARE_RECORDS, QUOTA_SHARES = _observed(
    "quota_shares",
    "a quota share and time at which it was observed",
    "account_id region queue_name share_name observed_at",
    """
    quota_share_arn queue_arn capacity_limits sharing_strategy borrow_limit_pct
    has_in_share_preemption state status
    """,
)
# AWS's answer does not name its queue: the jobs at its front do, where nothing else says it
_QUEUE_OF_FRONT = """
    coalesce(record.queue_name, (
        select min(job.queue_name)
        from (
            select unnest(list_concat(
                list_transform(
                    record.front_of_queue, lambda waiting: lower(waiting.service_job_arn)
                ),
                flatten(list_transform(
                    record.front_of_shares,
                    lambda share: list_transform(
                        share.jobs, lambda waiting: lower(waiting.service_job_arn)
                    )
                ))
            )) as arn
        ) as front
        inner join service_jobs as job on lower(job.service_job_arn) = front.arn
    ))
"""
QUEUE_SNAPSHOT_RECORDS, QUEUE_SNAPSHOTS = _observed(
    "queue_snapshots",
    "a job queue and time at which its contents were observed",
    "account_id region queue_name observed_at",
    "queue_arn front_of_queue front_of_shares capacity_usage share_usage",
    queue=_QUEUE_OF_FRONT,
)
SERVICE_QUOTA_RECORDS, SERVICE_QUOTAS = _observed(
    "service_quotas",
    "a service quota and time at which it was observed",
    "account_id region quota_code observed_at",
    "quota_name quota_kind instance_type quota_value is_adjustable",
)
TRAINING_PLAN_RECORDS, TRAINING_PLANS = _observed(
    "training_plans",
    "a training plan and time at which it was observed",
    "account_id region training_plan_arn observed_at",
    "training_plan_name status instance_type plan_instance_count plan_in_use_count plan_starts_at"
    " plan_ends_at plan_duration_h upfront_fee_usd",
)
CAPACITY_RECORDS, CAPACITY = _observed(
    "capacity",
    "a capacity of a queue, share or instance type, and the time from which it holds",
    "queue_name share_name instance_type observed_at capacity_unit",
    "capacity",
)

SHARE_WEIGHTS = Table(
    "share_weights",
    "One row a share that a scheduling policy lists",
    tuple(
        Field(COLUMNS[name], merge=Merge.STORE)
        for name in (
            "account_id",
            "region",
            "policy_name",
            "policy_arn",
            "observed_at",
            "position",
            "share_name",
            "weight_factor",
        )
    ),
    select="""
        select
            account_id, region, policy_name, policy_arn, observed_at, entry.position,
            (entry.item).share_name as share_name,
            (entry.item).weight_factor as weight_factor
        from scheduling_policies, lateral (
            select
                unnest(share_weights) as item,
                generate_subscripts(share_weights, 1) as position
        ) as entry
    """,
)
