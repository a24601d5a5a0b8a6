-- The hours of one lane, with names for numbers.
-- Grain: one row a queue, unit, share and hour. Unit: as suffixed.
-- Definition: docs/metrics/own_instance_h.md
insert into {share_hours} by name
select
    nullif(share_lanes.queue, '') as queue_name,
    case when is_rest then 'unassigned' else nullif(share_names.share, '') end as share_name,
    is_rest as is_unassigned,
    case
        when is_rest then null
        when share_lanes.ownership = 1 then 'quota'
        when share_lanes.ownership = 2 then 'fair_share'
        else share_names.share_kind
    end as share_kind,
    share_lanes.unit as capacity_unit,
    make_timestamptz(hour_us) as hour_at,
    lane_hours.* exclude (lane_no, share_no, hour_us, is_rest)

from lane_hours

inner join share_lanes using (lane_no)

left join share_names on
    share_lanes.queue = share_names.queue and lane_hours.share_no = share_names.share_no
