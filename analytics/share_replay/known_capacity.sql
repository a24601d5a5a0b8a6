-- How much the queues of the jobs have, as far as anything says so: an imported capacity first,
-- then the limits of the service environments, then what exported jobs carry.
-- Grain: one row a share (empty: the queue), source and date. Unit: instances or accelerators.
-- Definition: docs/metrics/capacity_instance_h.md
with

queues as (

    select distinct queue_name from filtered_queue_jobs

),

own_rows as (

    select
        1 as source,
        coalesce(share_name, '') as share_name,
        observed_at,
        capacity

    from capacity

    where (queue_name is null or queue_name in (select queue_name from queues))
        and instance_type is null
        and coalesce(capacity_unit, 'instances') = $capacity_unit

),

members as (

    select distinct lower(unnest(service_environment_arns)) as arn

    from job_queues

    where queue_name in (select queue_name from queues)

),

environment_rows as (

    select
        2 as source,
        '' as share_name,
        observed_at,
        list_sum(list_transform(capacity_limits, lambda one: one.capacity)) as capacity

    from service_environments

    where lower(environment_arn) in (select arn from members)
        and (select count(*) from members) = 1
        and $capacity_unit = 'instances'

),

exported_rows as (

    select
        3 as source,
        '' as share_name,
        created_at as observed_at,
        capacity_instance_count::double as capacity

    from (
        select
            created_at,
            max_by(capacity_instance_count, coalesce(input_seq, 0)) as capacity_instance_count
        from filtered_queue_jobs
        where capacity_instance_count is not null and $capacity_unit = 'instances'
        group by created_at
    )

    qualify capacity_instance_count is distinct from
        lag(capacity_instance_count) over (order by created_at)

)

select source, share_name, observed_at, capacity from own_rows

union all

select source, share_name, observed_at, capacity from environment_rows where capacity is not null

union all

select source, share_name, observed_at, capacity from exported_rows

order by source, share_name, observed_at nulls first
