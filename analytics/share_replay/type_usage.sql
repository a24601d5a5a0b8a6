-- When attempts of each instance type hold capacity of a queue.
-- Grain: one row per attempt. Unit: instances, microseconds since 1970; -1 is still held.
-- Definition: docs/metrics/met_wait_s.md
select
    instance_type,
    instance_count::double as size,
    epoch_us(allocated_at) as allocated_us,
    coalesce(epoch_us(released_at), -1) as released_us

from allocations

where
    queue_name is not distinct from $queue_name
    and instance_count is not null
    and instance_type is not null
