-- When jobs were active, from request to end, and what they asked of each lane.
-- Grain: one row a job and lane. Unit: microseconds; units of the lane.
-- Definition: docs/metrics/waiting_instance_h.md
select
    lane_no::bigint as lane_no,
    share_no::bigint as share_no,
    begin_us,
    -- a job of which nothing says that it lives or that it ended is not taken to wait for ever
    coalesce(
        end_us,
        case when is_alive or start_us is not null and not coalesce(is_over, false)
            then horizon_us end
    ) as end_us,
    coalesce(case unit_kind when 'accelerators' then accelerator_count else instance_count end, 0)
        ::double as amount

from share_jobs

inner join share_lanes on
    share_jobs.queue = share_lanes.queue
    and (unit_kind <> 'types' or coalesce(share_jobs.instance_type, 'unknown') = unit)

inner join share_names on
    share_jobs.queue = share_names.queue and share_jobs.share = share_names.share

where coalesce(
        end_us,
        case when is_alive or start_us is not null and not coalesce(is_over, false)
            then horizon_us end
    ) > begin_us
