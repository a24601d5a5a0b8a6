-- The queues in scope by share and instance type: when their records begin and end.
-- Grain: one row a queue, share and instance type. Unit: microseconds, instances.
-- Definition: docs/metrics/used_instance_h.md
create or replace temp table share_groups as
select
    queue,
    share,
    instance_type,
    max(share_kind) as share_kind,
    min(least(asked_us, begin_us)) as first_us,
    max(last_us) as last_us,
    min(capacity_instance_count) as lowest_capacity,
    max(capacity_instance_count) as highest_capacity

from share_jobs

group by queue, share, instance_type

union by name

-- the types of mixed clusters
select
    queue,
    share,
    part.instance_type as instance_type

from (
    select queue, share, unnest(instance_groups) as part
    from share_jobs
    where instance_groups is not null
)

group by all
