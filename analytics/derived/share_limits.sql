-- Everything that says how much a queue, or a share of it, has: each source with its dates.
-- Grain: one row a queue, share (empty: the queue), source, unit and date. Unit: as `unit` says.
-- Definition: docs/metrics/capacity_instance_h.md
create or replace temp table share_limits as
with

-- the user's own: rows without a queue are of every queue that has none
own_rows as (

    select
        share_queues.queue,
        coalesce(capacity.share_name, '') as share,
        coalesce(capacity.instance_type, capacity.capacity_unit, 'instances') as unit,
        case when capacity.instance_type is null or capacity.capacity_unit is distinct from
            'accelerators' then capacity.capacity
            else capacity.capacity / nullif(instance_types.instance_accelerator_count, 0)
        end as amount,
        case
            when row_number() over (
                partition by share_queues.queue, capacity.share_name, capacity.instance_type,
                    capacity.capacity_unit
                order by capacity.observed_at nulls first
            ) = 1 then $ever
            else epoch_us(capacity.observed_at)
        end as at_us

    from capacity

    inner join share_queues on
        share_queues.queue = capacity.queue_name
        or capacity.queue_name is null and share_queues.queue not in (
            select queue_name from capacity where queue_name is not null
        )

    left join instance_types on capacity.instance_type = instance_types.instance_type

),

-- what was observed first holds before as well
queue_rows as (

    select
        queue_name as queue,
        service_environment_arns,
        case when row_number() over (partition by queue_name order by observed_at) = 1 then $ever
            else epoch_us(observed_at) end as at_us

    from job_queues

    where queue_name in (select queue from share_queues)

),

environment_rows as (

    select
        lower(environment_arn) as arn,
        capacity_limits,
        case when row_number() over (partition by lower(environment_arn) order by observed_at) = 1
            then $ever else epoch_us(observed_at) end as at_us

    from service_environments

),

members as (

    select distinct queue, lower(unnest(service_environment_arns)) as arn from queue_rows

),

moments as (

    select queue, at_us from queue_rows

    union

    select members.queue, environment_rows.at_us from members inner join environment_rows using (arn)

),

queue_limits as (

    select
        placed.queue,
        placed.at_us,
        unnest(environment_rows.capacity_limits) as one

    from (
        select
            moments.queue,
            moments.at_us,
            lower(unnest(queue_rows.service_environment_arns)) as arn
        from moments
        asof inner join queue_rows on
            moments.queue = queue_rows.queue and moments.at_us >= queue_rows.at_us
    ) as placed

    asof inner join environment_rows on
        placed.arn = environment_rows.arn and placed.at_us >= environment_rows.at_us

),

quota_rows as (

    select
        queue_name as queue,
        share_name as share,
        capacity_limits,
        sharing_strategy,
        case when row_number() over (partition by queue_name, share_name order by observed_at) = 1
            then $ever else epoch_us(observed_at) end as at_us

    from quota_shares

    where queue_name in (select queue from share_queues) and share_name is not null

),

-- the value of the newest job at the time; of several at one time, the highest
exported as (

    select
        queue,
        amount,
        case when row_number() over of_queue = 1 then $ever else created_us end as at_us,
        amount is distinct from lag(amount) over of_queue as is_change

    from (
        select
            coalesce(queue_name, '') as queue,
            epoch_us(created_at) as created_us,
            max(capacity_instance_count) as amount
        from queue_jobs
        where capacity_instance_count is not null and coalesce(queue_name, '') in (
            select queue from share_queues where lowest_capacity < highest_capacity
        )
        group by all
    )

    window of_queue as (partition by queue order by created_us)

    union all

    select queue, lowest_capacity, $ever, true

    from share_queues

    where lowest_capacity = highest_capacity

),

everything as (

    select queue, share, 1 as source, unit, amount, true as lends, at_us from own_rows

    union all

    select
        queue,
        '',
        2,
        case when starts_with(one.capacity_unit, 'ml.') then one.capacity_unit else 'instances' end,
        sum(one.capacity),
        true,
        at_us

    from queue_limits

    group by all

    union all

    select
        queue,
        share,
        2,
        case when starts_with(one.capacity_unit, 'ml.') then one.capacity_unit else 'instances' end,
        sum(one.capacity),
        bool_and(sharing_strategy is distinct from 'RESERVE'),
        at_us

    from (select *, unnest(capacity_limits) as one from quota_rows)

    group by all

    union all

    select queue, '', 3, 'instances', amount, true, at_us from exported where is_change

),

-- a unit that an observation does not name any more is gone
complete as (

    select
        steps.queue,
        steps.share,
        steps.source,
        units.unit,
        steps.at_us

    from (select distinct queue, share, source, at_us from everything where source = 2) as steps

    inner join (select distinct queue, share, source, unit from everything) as units
        using (queue, share, source)

)

select
    *,
    case unit when 'instances' then unit when 'accelerators' then unit else 'types' end as unit_kind

from everything

where amount is not null

union all

select
    queue,
    share,
    source,
    unit,
    0,
    true,
    at_us,
    case unit when 'instances' then unit when 'accelerators' then unit else 'types' end

from complete

anti join everything using (queue, share, source, unit, at_us)
