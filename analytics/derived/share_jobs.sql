-- The jobs of the queues in scope, read once: when they asked for capacity, and what they held.
-- Grain: one row a job and what it held, or an attempt of a service job. Unit: microseconds, instances.
-- Definition: docs/metrics/used_instance_h.md, waiting_instance_h.md
create or replace temp table share_jobs as
with

jobs as (

    select
        *,
        -- a job of which nothing says that it lives or that it ended does not wait for ever
        lower(status) in ({alive})
            or started_at is not null and not coalesce(lower(status) in ({over}), false)
            as is_alive

    from queue_jobs

    where {in_scope}

)

select
    coalesce(queue_name, '') as queue,
    coalesce(share_name, '') as share,
    share_kind,
    instance_type,
    instance_count,
    accelerator_count,
    case when instance_type = 'mixed' and service_job_no is null then instance_groups end
        as instance_groups,
    capacity_instance_count,
    epoch_us(least(created_at, started_at)) as asked_us,
    epoch_us(ended_at) as left_us,
    is_alive,
    -- a service job holds by its attempts, another job by itself
    case when service_job_no is null then epoch_us(started_at) end as begin_us,
    case when service_job_no is null then epoch_us(ended_at) end as end_us,
    lower(status) in ({over}) as is_over,
    false as is_preempted,
    epoch_us(greatest(created_at, started_at, ended_at)) as last_us

from jobs

union all by name

select
    coalesce(queue_name, '') as queue,
    coalesce(share_name, '') as share,
    instance_type,
    instance_count,
    accelerator_count,
    case when instance_type = 'mixed' then instance_groups end as instance_groups,
    epoch_us(allocated_at) as begin_us,
    epoch_us(released_at) as end_us,
    lower(status) in ({over}) as is_over,
    is_preempted,
    -- an attempt may have ended later than its job
    epoch_us(greatest(allocated_at, released_at)) as last_us

from allocations

where service_job_no is not null and {in_scope}
