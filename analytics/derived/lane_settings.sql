-- The quotas, or else the weight factors, of the shares of each lane over time.
-- Grain: one row a lane, share and change. Unit: microseconds; units of the lane, or factors.
-- Definition: docs/metrics/own_instance_h.md
select
    lane_no::bigint as lane_no,
    share_no::bigint as share_no,
    at_us,
    amount::double as amount,
    lends

from share_lanes

inner join share_limits on
    share_lanes.queue = share_limits.queue
    and share_lanes.unit = share_limits.unit
    and share_lanes.quota_source = share_limits.source

inner join share_names on
    share_limits.queue = share_names.queue and share_limits.share = share_names.share

union all

select
    lane_no,
    share_no,
    at_us,
    weight_factor,
    true

from share_lanes

inner join share_factors using (queue)

inner join share_names using (queue, share)

where ownership = 2

order by lane_no, at_us, share_no
