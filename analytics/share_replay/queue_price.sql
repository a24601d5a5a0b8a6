-- What an instance-hour of a queue costs at list price, over the attempts whose cost is known.
-- Grain: one row. Unit: USD per instance-hour.
-- Definition: docs/metrics/share_settings_advice.md
select
    sum(list_cost_usd)
    / nullif(sum(instance_count * epoch(released_at - allocated_at)) / 3600, 0) as usd_per_h

from allocations

where
    queue_name is not distinct from $queue_name
    and list_cost_usd is not null
    and released_at > allocated_at
