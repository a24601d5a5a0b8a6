-- What was observed of a queue's capacity of each instance type, by the source that says it.
-- Grain: one row per source, instance type, and time. Unit: instances.
-- Definition: docs/metrics/met_wait_s.md
with

environments as (

    select distinct lower(unnest(service_environment_arns)) as environment_arn
    from job_queues
    where queue_name = $queue_name

)

select 1 as place, instance_type, instance_type as item, observed_at, capacity

from capacity

where
    instance_type is not null
    and share_name is null
    and coalesce(capacity_unit, 'instances') = 'instances'
    and (queue_name is null or queue_name is not distinct from $queue_name)

union all

select
    2,
    (entry.item).capacity_unit,
    seen.environment_name || ' ' || (entry.item).capacity_unit,
    seen.observed_at,
    (entry.item).capacity

from service_environments as seen,
    lateral (select unnest(seen.capacity_limits) as item) as entry

where
    lower(seen.environment_arn) in (select environment_arn from environments)
    and (entry.item).capacity_unit like 'ml.%'

union all

select
    3,
    (entry.item).capacity_unit,
    share_name || ' ' || (entry.item).capacity_unit,
    observed_at,
    (entry.item).capacity

from quota_shares,
    lateral (select unnest(capacity_limits) as item) as entry

where queue_name = $queue_name and (entry.item).capacity_unit like 'ml.%'

order by place, observed_at nulls first, item
