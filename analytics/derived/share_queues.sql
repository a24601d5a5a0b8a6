-- The queues in scope, each with the newest instant that its records know of.
-- Grain: one row a queue. Unit: microseconds.
-- Definition: docs/metrics/used_instance_h.md
create or replace temp table share_queues as
with

instants as (

    select queue, max(greatest(created_us, start_us, end_us)) as at_us from share_jobs group by all

    union all

    select queue, max(greatest(begin_us, end_us)) from share_holds group by all

    union all

    select queue_name, max(epoch_us(observed_at)) from queue_snapshots group by all

)

select
    queue,
    row_number() over (order by queue) - 1 as queue_no,
    max(at_us) as horizon_us

from instants

where queue in (select queue from share_jobs)

group by queue
