-- The queues in scope, each from the first instant that its records know of to the newest.
-- Grain: one row a queue. Unit: microseconds.
-- Definition: docs/metrics/used_instance_h.md
create or replace temp table share_queues as
select
    share_groups.queue,
    min(share_groups.first_us) as first_us,
    max(greatest(share_groups.last_us, snapshots.last_us)) as horizon_us,
    min(lowest_capacity) as lowest_capacity,
    max(highest_capacity) as highest_capacity

from share_groups

left join (
    select queue_name, epoch_us(max(observed_at)) as last_us
    from queue_snapshots
    group by queue_name
) as snapshots on share_groups.queue = snapshots.queue_name

group by share_groups.queue
