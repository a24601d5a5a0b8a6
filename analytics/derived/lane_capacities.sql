-- The capacity of each lane over time; none where nothing says it, or only quotas do.
-- Grain: one row a lane and change. Unit: microseconds; units of the lane.
-- Definition: docs/metrics/capacity_instance_h.md
select
    share_lanes.lane_no::bigint as lane_no,
    coalesce(share_limits.at_us, $ever) as at_us,
    coalesce(share_limits.amount, 0)::double as amount

from share_lanes

left join share_limits on
    share_lanes.queue = share_limits.queue
    and share_lanes.unit = share_limits.unit
    and share_lanes.capacity_source = share_limits.source
    and share_limits.share = ''

-- a type that a queue's limits by type do not name has no capacity
where share_lanes.capacity_source is not null

order by lane_no, at_us
