-- When jobs were active, from request to end, and what they asked of each lane.
-- Grain: one row a job and lane. Unit: microseconds; units of the lane.
-- Definition: docs/metrics/waiting_instance_h.md
with

jobs as (

    select
        coalesce(queue_name, '') as queue,
        coalesce(share_name, '') as share,
        instance_type,
        instance_count,
        accelerator_count,
        epoch_us(least(created_at, started_at)) as begin_us,
        epoch_us(ended_at) as end_us,
        -- a job of which nothing says that it lives or that it ended does not wait for ever
        lower(status) in ({alive})
            or started_at is not null and not coalesce(lower(status) in ({over}), false)
            as is_alive

    from queue_jobs

    where {in_scope}

)

select
    lane_no::bigint as lane_no,
    share_no::bigint as share_no,
    begin_us,
    coalesce(end_us, case when is_alive then horizon_us end) as end_us,
    coalesce(case unit_kind when 'accelerators' then accelerator_count else instance_count end, 0)
        ::double as amount

from jobs

inner join share_lanes on
    jobs.queue = share_lanes.queue
    and case when unit_kind = 'types' then coalesce(jobs.instance_type, 'unknown') = unit
        else true end

inner join share_names on jobs.queue = share_names.queue and jobs.share = share_names.share

where coalesce(end_us, case when is_alive then horizon_us end) > begin_us
