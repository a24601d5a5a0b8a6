-- The lanes of the queues in scope: a queue, or each instance type where limits are by type.
-- Grain: one row a queue and unit. Unit: none.
-- Definition: docs/metrics/capacity_instance_h.md
create or replace temp table share_lanes as
with

-- quotas say more than a capacity, and one's own file more than what was observed
kinds as (

    select
        queue,
        arg_min(unit_kind, (share = '', source, case unit_kind when 'types' then 0
            when 'accelerators' then 1 else 2 end)) as unit_kind

    from share_limits

    group by queue

),

queues as (

    select
        share_queues.*,
        coalesce(kinds.unit_kind, 'instances') as unit_kind,
        sources.capacity_source,
        sources.quota_source,
        case
            when sources.quota_source is not null then 1
            when share_queues.queue in (select queue from share_factors) then 2
            else 0
        end as ownership

    from share_queues

    left join kinds using (queue)

    left join (
        select
            queue,
            unit_kind,
            min(source) filter (share = '') as capacity_source,
            min(source) filter (share <> '') as quota_source
        from share_limits
        group by all
    ) as sources using (queue, unit_kind)

),

units as (

    select queue, 'instances' as unit from queues where unit_kind = 'instances'

    union

    select queue, 'accelerators' from queues where unit_kind = 'accelerators'

    union

    select queue, share_limits.unit

    from share_limits

    inner join queues using (queue, unit_kind)

    where unit_kind = 'types' and source in (capacity_source, quota_source)

    union

    select queue, coalesce(share_groups.instance_type, 'unknown')

    from share_groups

    inner join queues using (queue)

    where unit_kind = 'types' and share_groups.instance_type is distinct from 'mixed'

)

select
    row_number() over (order by queue, unit) - 1 as lane_no,
    queues.*,
    units.unit

from queues

inner join units using (queue)
