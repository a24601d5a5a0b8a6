-- What attempts held in each lane, with numbers for names.
-- Grain: one row an attempt and lane. Unit: microseconds; units of the lane; accelerators.
-- Definition: docs/metrics/used_instance_h.md
with

placed as (

    select
        lane_no,
        share_no,
        begin_us,
        -- what is known to be over, but not since when, held nobody knows how much
        coalesce(end_us, case when not coalesce(is_over, false) then horizon_us end) as end_us,
        is_preempted,
        case unit_kind when 'accelerators' then accelerator_count else instance_count end as size,
        instance_count,
        accelerator_count,
        busy_ratio

    from share_holds

    inner join share_lanes on
        share_holds.queue = share_lanes.queue
        and (unit_kind <> 'types' or coalesce(share_holds.instance_type, 'unknown') = unit)

    inner join share_names on
        share_holds.queue = share_names.queue and share_holds.share = share_names.share

)

select
    lane_no::bigint as lane_no,
    share_no::bigint as share_no,
    begin_us,
    end_us,
    is_preempted,
    coalesce(size, 0)::double as amount,
    coalesce(accelerator_count, 0)::double as gpu,
    case when accelerator_count is null then coalesce(size, 0) else 0 end::double as unknown_gpu,
    case when busy_ratio is null then 0
        else coalesce(accelerator_count, instance_count, 0) end::double as measured_gpu,
    measured_gpu * coalesce(busy_ratio, 0) as busy_gpu,
    case when busy_ratio is null then 0 else coalesce(instance_count, 0) end::double
        as measured_host,
    (size is null)::integer::double as unknown_size

from placed

where end_us > begin_us
