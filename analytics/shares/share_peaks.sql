-- The busiest and the typical hour of each queue, all shares together.
-- Grain: one row a queue, or a queue and hour of the day. Unit: instance-hours, ratios.
-- Definition: docs/metrics/peak_allocation_ratio.md
with

hours as (

    select
        queue_name,
        hour_at,
        {group} as hour_of_day,
        sum(used_instance_h) as used_instance_h,
        sum(waiting_instance_h) as waiting_instance_h,
        sum(used_instance_h) / nullif(
            greatest(sum(capacity_instance_h), case when sum(capacity_instance_h) is not null
                then sum(used_instance_h) end), 0
        ) as allocation_ratio

    from filtered_share_hours

    group by all

)

select
    queue_name,
    hour_of_day,
    count(*) as hour_count,
    -- of equal hours the first
    arg_min(hour_at, (-used_instance_h, hour_at)) as peak_hour_at,
    max(used_instance_h) as peak_used_instance_h,
    max(allocation_ratio) as peak_allocation_ratio,
    median(used_instance_h) as median_used_instance_h,
    median(allocation_ratio) as median_allocation_ratio,
    median(waiting_instance_h) as median_waiting_instance_h

from hours

group by queue_name, hour_of_day

order by queue_name, hour_of_day
