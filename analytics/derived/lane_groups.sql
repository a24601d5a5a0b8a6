-- Which lane and share the jobs of a queue, share and instance type belong to.
-- Grain: one row a queue, share, instance type and lane. Unit: microseconds.
-- Definition: docs/metrics/used_instance_h.md
create or replace temp table lane_groups as
select distinct
    share_groups.queue,
    share_groups.share,
    share_groups.instance_type,
    share_lanes.lane_no::smallint as lane_no,
    share_names.share_no::bigint as share_no,
    share_lanes.unit_kind = 'accelerators' as is_by_accelerator,
    share_lanes.horizon_us

from share_groups

inner join share_lanes on
    share_groups.queue = share_lanes.queue
    and (
        share_lanes.unit_kind <> 'types'
        or coalesce(share_groups.instance_type, 'unknown') = share_lanes.unit
    )

inner join share_names on
    share_groups.queue = share_names.queue and share_groups.share = share_names.share
