-- The queue now: which jobs wait, in which order and how long so far, and which hold capacity.
-- Grain: one row a job. Unit: seconds.
-- Definition: docs/metrics/wait_so_far_s.md
with

newest as (

    select
        queue_name,
        max(observed_at) as observed_at,
        arg_max(front_of_queue, observed_at) as front_of_queue

    from queue_snapshots

    where $now is null or observed_at <= $now

    group by queue_name

),

fronts as (

    select
        queue_name,
        observed_at,
        lower((entry.item).service_job_arn) as arn,
        entry.position

    from newest, lateral (
        select
            unnest(front_of_queue) as item,
            generate_subscripts(front_of_queue, 1) as position
    ) as entry

),

-- without a snapshot, the newest that is known of the queue
moments as (

    select
        queue_jobs.queue_name,
        coalesce(
            $now,
            any_value(newest.observed_at),
            greatest(max(created_at), max(started_at), max(ended_at))
        ) as now_at,
        any_value(newest.observed_at) as observed_at

    from queue_jobs

    left join newest on queue_jobs.queue_name is not distinct from newest.queue_name

    where $queue_name = '' or queue_jobs.queue_name = $queue_name

    group by queue_jobs.queue_name

),

jobs as (

    select
        queue_jobs.*,
        moments.now_at,
        moments.observed_at,
        held.held_since_at,
        lower(service_jobs.service_job_arn) as arn

    from queue_jobs

    inner join moments on queue_jobs.queue_name is not distinct from moments.queue_name

    left join service_jobs using (service_job_no)

    -- a job that was preempted waits again
    left join (
        select service_job_no, max(allocated_at) as held_since_at
        from allocations
        where service_job_no is not null and released_at is null
        group by service_job_no
    ) as held on queue_jobs.service_job_no = held.service_job_no

    where queue_jobs.created_at <= moments.now_at
        and (queue_jobs.ended_at is null or queue_jobs.ended_at > moments.now_at)
        and ($queue_name = '' or queue_jobs.queue_name = $queue_name)
        -- what ended at an unknown time is not there any more
        and (
            queue_jobs.ended_at is not null
            or lower(queue_jobs.status) in (
                'submitted', 'pending', 'runnable', 'scheduled', 'starting', 'running',
                'inprogress', 'stopping'
            )
        )

),

states as (

    select
        *,
        case when service_job_no is not null and ended_at is null
            then lower(status) in ('submitted', 'pending', 'runnable')
            else started_at is null or started_at > now_at end as is_waiting

    from jobs

),

ordered as (

    select
        states.*,
        fronts.position as front_position

    from states

    left join fronts on
        states.arn = fronts.arn and states.queue_name = fronts.queue_name and is_waiting

)

select
    queue_name,
    case when is_waiting then row_number() over (
        partition by queue_name, is_waiting
        -- what the snapshot lacks stands behind its first hundred
        order by front_position nulls last, created_at, input_seq, job_name
    ) end as queue_position,
    job_name,
    share_name,
    status,
    scheduling_priority,
    instance_type,
    instance_count,
    user_name,
    created_at,
    case when started_at <= now_at then started_at end as started_at,
    case when is_waiting then epoch(now_at - created_at) end as wait_so_far_s,
    case when not is_waiting then epoch(now_at - coalesce(held_since_at, started_at)) end as held_s,
    attempt_count,
    observed_at,
    front_position is not null as is_in_snapshot,
    now_at

from ordered

order by queue_name, is_waiting desc, queue_position, started_at, job_name
