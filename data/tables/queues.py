"""Views of queues: jobs that went through a scheduler, and attempts that held capacity."""

from data.tables.columns import COLUMNS
from data.tables.declaration import Field, Merge, Table


def _view(name: str, description: str, columns: str, select: str) -> Table:
    fields = tuple(Field(COLUMNS[column], merge=Merge.STORE) for column in columns.split())
    return Table(name, description, fields, select=select)


# a start after the end contradicts itself; of a foreign scheduler, start - submit is queue wait
_TRAINING_JOBS = """
    select
        job.job_name,
        null::bigint as service_job_no,
        job.job_id,
        job.account_id,
        job.region,
        job.queue_name,
        job.share_name,
        null::varchar as share_kind,
        job.scheduling_priority,
        job.input_seq,
        job.created_at,
        job.scheduled_at,
        case
            when job.scheduled_at <= coalesce(job.training_ended_at, job.scheduled_at)
                then job.scheduled_at
            else coalesce(job.training_started_at, job.first_training_at)
        end as started_at,
        job.training_ended_at as ended_at,
        job.status,
        fact.instance_type,
        fact.instance_count,
        fact.accelerator_count,
        job.instance_groups,
        fact.list_cost_usd,
        job.user_name,
        job.capacity_instance_count,
        (
            epoch_us(coalesce(
                job.scheduled_at,
                case when job.record_kind = 'export' and job.first_training_at is null
                    then job.training_started_at end
            )) - epoch_us(job.created_at)
        ) / 1e6 as queue_wait_s,
        job.record_kind = 'export' or job.queue_name is not null or job.share_name is not null
            as is_queued
    from training_jobs as job
    left join job_facts as fact using (job_id)
"""

QUEUE_JOBS = _view(
    "queue_jobs",
    "One row a job that went through a scheduler's queue, or waits in it",
    """
    job_name service_job_no job_id account_id region queue_name share_name share_kind
    scheduling_priority input_seq created_at scheduled_at started_at ended_at status instance_type
    instance_count accelerator_count attempt_count preempted_attempt_count user_name
    capacity_instance_count queue_wait_s
    """,
    f"""
    select
        job_name, service_job_no, job_id, account_id, region, queue_name, share_name, share_kind,
        scheduling_priority, input_seq, created_at, scheduled_at, started_at, ended_at, status,
        instance_type, instance_count, accelerator_count,
        (started_at is not null)::bigint as attempt_count,
        0::bigint as preempted_attempt_count,
        user_name, capacity_instance_count, queue_wait_s
    from ({_TRAINING_JOBS})
    where is_queued
    """,
)

ALLOCATIONS = _view(
    "allocations",
    "One row an attempt that held capacity, of queues and outside of them",
    """
    queue_name share_name share_kind scheduling_priority job_name service_job_no job_id account_id
    region attempt_no allocated_at released_at status instance_type instance_count
    accelerator_count instance_groups is_preempted list_cost_usd user_name
    """,
    f"""
    select
        queue_name, share_name, share_kind, scheduling_priority, job_name, service_job_no, job_id,
        account_id, region, 1::bigint as attempt_no, started_at as allocated_at,
        ended_at as released_at, status, instance_type, instance_count, accelerator_count,
        instance_groups, false as is_preempted, list_cost_usd, user_name
    from ({_TRAINING_JOBS})
    where started_at is not null
    """,
)
