-- The capacity of whole queues over time: used as owned or borrowed, idle, and waited for.
-- Grain: one row per (queue, step). Unit: instance-hours (capacity_unit), ratios.
-- Definition: docs/metrics/idle_instance_h.md, waiting_instance_h.md
select
    queue_name,
    coalesce({step}, min(hour_at)) as hour_at,
    max(hour_at) + interval 1 hour as last_at,
    sum(capacity_instance_h) as capacity_instance_h,
    sum(used_instance_h) as used_instance_h,
    sum(owned_used_instance_h) as owned_used_instance_h,
    sum(borrowed_instance_h) as borrowed_instance_h,
    sum(idle_instance_h) as idle_instance_h,
    sum(idle_instance_h) filter (not is_unassigned) as owned_idle_instance_h,
    sum(idle_instance_h) filter (is_unassigned) as unassigned_idle_instance_h,
    sum(preempted_instance_h) as preempted_instance_h,
    sum(waiting_instance_h) as waiting_instance_h,
    max(starved_instance_h) as starved_instance_h,
    sum(over_capacity_instance_h) as over_capacity_instance_h,
    sum(used_instance_h) / nullif(greatest(
        sum(capacity_instance_h),
        case when sum(capacity_instance_h) is not null then sum(used_instance_h) end
    ), 0) as used_ratio,
    sum(idle_instance_h) / nullif(sum(capacity_instance_h), 0) as idle_ratio,
    case when bool_and(capacity_unit = 'accelerators') then 'accelerators' else 'instances' end
        as capacity_unit

from filtered_share_hours

group by queue_name, {step}

order by queue_name, hour_at
