-- What the jobs of an export say of their queue's capacity: the times at which it changes.
-- Grain: one row per change. Unit: instances.
-- Definition: docs/metrics/settings_in_force.md
with

capacities as (

    select created_at, max(capacity_instance_count) as capacity
    from filtered_queue_jobs
    where capacity_instance_count is not null
    group by created_at

)

select created_at as observed_at, capacity::double as capacity
from capacities
qualify capacity is distinct from lag(capacity) over (order by created_at)
order by created_at
