"""Views of queues: jobs that went through a scheduler, and attempts that held capacity."""

from data.tables.columns import COLUMNS
from data.tables.declaration import Field, Merge, Table


def _view(name: str, description: str, columns: str, select: str) -> Table:
    fields = tuple(Field(COLUMNS[column], merge=Merge.STORE) for column in columns.split())
    return Table(name, description, fields, select=select)


# of a foreign scheduler, start - submit is queue wait; a schedule after the end contradicts itself.
# An anti join, not EXISTS: that would have all jobs joined before a filter on queue or time applies
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
        job.eligible_at,
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
        job.gpu_utilization_ratio,
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
    anti join (
        select lower(training_job_arn) as arn from service_job_attempts
    ) as attempt on lower(job.job_arn) = attempt.arn
    left join job_facts as fact on job.job_id = fact.job_id
"""

# Batch makes the training job of an attempt at the moment that it schedules it; the list of
# attempts may lack the one that runs: it began with the latest schedule
_SERVICE_ATTEMPTS = """
    select
        service_job_no,
        position,
        lower(training_job_arn) as arn,
        started_at,
        ended_at,
        coalesce(is_preempted, false) as is_preempted,
        row_number() over later = 1 as is_last,
        lead(ended_at) over later as previous_ended_at,
        lag(started_at) over later as next_started_at
    from (
        select service_job_no, position, training_job_arn, started_at, ended_at, is_preempted
        from service_job_attempts
        union all
        select
            service_job_no, coalesce(len(attempts), 0) + 1, null, started_at, ended_at, false
        from service_jobs
        where scheduled_at is not null
            and coalesce(
                list_bool_and(list_transform(
                    attempts, lambda attempt: coalesce(attempt.ended_at <= scheduled_at, false)
                )),
                true
            )
    )
    window later as (partition by service_job_no order by position desc)
"""

_SERVICE_ALLOCATIONS = f"""
    select
        attempt.service_job_no,
        attempt.position as attempt_no,
        attempt.is_last,
        job.job_id,
        coalesce(
            job.created_at,
            case
                when attempt.is_last and service.scheduled_at >= coalesce(
                    attempt.previous_ended_at, service.scheduled_at
                ) then service.scheduled_at
            end,
            attempt.started_at
        ) as allocated_at,
        coalesce(
            attempt.ended_at,
            job.training_ended_at,
            case when attempt.is_last then service.ended_at else attempt.next_started_at end
        ) as released_at,
        attempt.is_preempted,
        fact.instance_type,
        fact.instance_count,
        fact.accelerator_count,
        job.instance_groups,
        fact.list_cost_usd,
        job.gpu_utilization_ratio,
        job.user_name
    from ({_SERVICE_ATTEMPTS}) as attempt
    inner join service_jobs as service using (service_job_no)
    left join training_jobs as job on attempt.arn = lower(job.job_arn)
    left join job_facts as fact on job.job_id = fact.job_id
"""


# the cluster of a service job by its own groups; a sum with an unknown part is unknown
_SERVICE_JOBS = """
    select
        service.*,
        case len(instance_groups)
            when 0 then null when 1 then instance_groups[1].instance_type else 'mixed'
        end as own_instance_type,
        case when len(instance_groups) = 1 then instance_groups[1].instance_count
            else mixed.instance_count end as own_instance_count,
        case when len(instance_groups) = 1
            then instance_groups[1].instance_count * instance_types.instance_accelerator_count
            else mixed.accelerator_count end as own_accelerator_count
    from service_jobs as service
    left join instance_types on instance_groups[1].instance_type = instance_types.instance_type
    left join (
        select
            service_job_no,
            case when count(one.instance_count) = count(*) then sum(one.instance_count) end
                as instance_count,
            case when count(one.instance_count * instance_accelerator_count) = count(*)
                then sum(one.instance_count * instance_accelerator_count) end as accelerator_count
        from (
            select service_job_no, unnest(instance_groups) as one
            from service_jobs
            where len(instance_groups) > 1
        )
        left join instance_types on one.instance_type = instance_types.instance_type
        group by service_job_no
    ) as mixed using (service_job_no)
"""

QUEUE_JOBS = _view(
    "queue_jobs",
    "One row a job that went through a scheduler's queue, or waits in it",
    """
    job_name service_job_no job_id account_id region queue_name share_name share_kind
    scheduling_priority input_seq created_at eligible_at scheduled_at started_at ended_at status
    instance_type instance_count accelerator_count attempt_count preempted_attempt_count user_name
    capacity_instance_count queue_wait_s instance_groups
    """,
    f"""
    select
        service.service_job_name as job_name, service.service_job_no, held.job_id,
        service.account_id, service.region, service.queue_name, service.share_name,
        service.share_kind, service.scheduling_priority, service.input_seq, service.created_at,
        null::timestamptz as eligible_at, service.scheduled_at,
        least(held.first_allocated_at, service.scheduled_at) as started_at,
        service.ended_at, service.status,
        coalesce(service.own_instance_type, held.instance_type) as instance_type,
        coalesce(service.own_instance_count, held.instance_count)::bigint as instance_count,
        coalesce(service.own_accelerator_count, held.accelerator_count)::double
            as accelerator_count,
        coalesce(held.attempt_count, 0) as attempt_count,
        coalesce(service.preempted_attempt_count, held.preempted_attempt_count, 0)::bigint
            as preempted_attempt_count,
        coalesce(service.user_name, held.user_name) as user_name,
        null::bigint as capacity_instance_count,
        (epoch_us(least(held.first_allocated_at, service.scheduled_at))
            - epoch_us(service.created_at)) / 1e6 as queue_wait_s,
        service.instance_groups
    from ({_SERVICE_JOBS}) as service
    left join (
        select
            service_job_no,
            min(allocated_at) as first_allocated_at,
            count(*) as attempt_count,
            count(*) filter (is_preempted) as preempted_attempt_count,
            max_by(job_id, attempt_no) as job_id,
            max_by(instance_type, attempt_no) as instance_type,
            max_by(instance_count, attempt_no) as instance_count,
            max_by(accelerator_count, attempt_no) as accelerator_count,
            max_by(user_name, attempt_no) as user_name
        from ({_SERVICE_ALLOCATIONS})
        where allocated_at is not null
        group by service_job_no
    ) as held using (service_job_no)

    union all

    select
        job_name, service_job_no, job_id, account_id, region, queue_name, share_name, share_kind,
        scheduling_priority, input_seq, created_at, eligible_at, scheduled_at, started_at, ended_at,
        status, instance_type, instance_count, accelerator_count,
        (started_at is not null)::bigint, 0, user_name, capacity_instance_count, queue_wait_s,
        instance_groups
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
    accelerator_count instance_groups is_preempted list_cost_usd gpu_utilization_ratio
    user_name is_queued
    """,
    f"""
    select
        service.queue_name, service.share_name, service.share_kind, service.scheduling_priority,
        service.service_job_name as job_name, held.service_job_no, held.job_id,
        service.account_id, service.region, held.attempt_no, held.allocated_at, held.released_at,
        service.status,
        coalesce(service.own_instance_type, held.instance_type) as instance_type,
        coalesce(service.own_instance_count, held.instance_count)::bigint as instance_count,
        coalesce(service.own_accelerator_count, held.accelerator_count)::double
            as accelerator_count,
        coalesce(service.instance_groups, held.instance_groups) as instance_groups,
        held.is_preempted, held.list_cost_usd, held.gpu_utilization_ratio,
        coalesce(service.user_name, held.user_name) as user_name, true as is_queued
    from ({_SERVICE_ALLOCATIONS}) as held
    inner join ({_SERVICE_JOBS}) as service using (service_job_no)
    where held.allocated_at is not null

    union all

    select
        queue_name, share_name, share_kind, scheduling_priority, job_name, service_job_no, job_id,
        account_id, region, 1, started_at, ended_at, status, instance_type, instance_count,
        accelerator_count, instance_groups, false, list_cost_usd, gpu_utilization_ratio, user_name,
        is_queued
    from ({_TRAINING_JOBS})
    where started_at is not null
    """,
)
