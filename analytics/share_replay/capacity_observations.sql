-- What was observed of a queue's capacity, by the source that says it.
-- Grain: one row per source, thing that has capacity, and time. Unit: that of the source.
-- Definition: docs/metrics/settings_in_force.md
with

ranked_capacity as (

    select
        share_name,
        instance_type,
        observed_at,
        capacity,
        capacity_unit,
        rank() over (order by queue_name is null) as place

    from capacity

    where queue_name is null or queue_name is not distinct from $queue_name

),

-- a capacity of the queue itself comes before those that hold for every queue
own_capacity as (

    select * from ranked_capacity where place = 1

),

environments as (

    select distinct lower(unnest(service_environment_arns)) as environment_arn
    from job_queues
    where queue_name = $queue_name

)

select
    case when share_name is null then 'capacity_file' else 'share_capacities' end as source,
    share_name,
    instance_type as item,
    observed_at,
    capacity,
    coalesce(capacity_unit, 'instances') as capacity_unit

from own_capacity

union all

select
    'environments',
    null,
    seen.environment_name || ' ' || (entry.item).capacity_unit,
    seen.observed_at,
    (entry.item).capacity,
    'instances'

from service_environments as seen,
    lateral (select unnest(seen.capacity_limits) as item) as entry

where lower(seen.environment_arn) in (select environment_arn from environments)

union all

select
    'quota_shares',
    share_name,
    (entry.item).capacity_unit,
    observed_at,
    (entry.item).capacity,
    'instances'

from quota_shares,
    lateral (select unnest(capacity_limits) as item) as entry

where queue_name = $queue_name

order by 1, 4 nulls first, 2, 3
