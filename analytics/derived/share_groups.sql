-- The queues in scope by share and instance type: when their records begin and end.
-- Grain: one row a queue, share and instance type. Unit: microseconds, instances.
-- Definition: docs/metrics/used_instance_h.md
create or replace temp table share_groups as
with

jobs as (

    select
        coalesce(queue_name, '') as queue,
        coalesce(share_name, '') as share,
        instance_type,
        max(share_kind) as share_kind,
        epoch_us(min(least(created_at, started_at))) as first_us,
        epoch_us(max(greatest(created_at, started_at, ended_at))) as last_us,
        min(capacity_instance_count) as lowest_capacity,
        max(capacity_instance_count) as highest_capacity

    from queue_jobs

    where {in_scope}

    group by queue_name, share_name, instance_type

)

from jobs

union all by name

-- an attempt may have ended later than its job
select
    coalesce(queue_name, '') as queue,
    coalesce(share_name, '') as share,
    instance_type,
    epoch_us(min(allocated_at)) as first_us,
    epoch_us(max(greatest(allocated_at, released_at))) as last_us

from allocations

where is_queued and {in_scope}

group by queue_name, share_name, instance_type

union all by name

select
    coalesce(allocations.queue_name, '') as queue,
    coalesce(allocations.share_name, '') as share,
    part.instance_type as instance_type

from (
    select queue_name, share_name, unnest(instance_groups) as part
    from allocations
    where is_queued and instance_type = 'mixed' and {in_scope}
) as allocations

group by 1, 2, 3
