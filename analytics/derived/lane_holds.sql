-- What attempts held in each lane; a mixed cluster, a row for each of its instance types.
-- Grain: one row an attempt and instance type. Unit: microseconds; units of the lane; accelerators.
-- Definition: docs/metrics/used_instance_h.md
with

held as (

    select
        coalesce(queue_name, '') as queue,
        coalesce(share_name, '') as share,
        instance_type,
        instance_count,
        accelerator_count,
        instance_groups,
        is_preempted,
        epoch_us(allocated_at) as begin_us,
        epoch_us(released_at) as end_us,
        lower(status) in ({over}) as is_over

    from allocations

    where is_queued and {in_scope}

),

parts as (

    select * exclude (instance_groups)

    from held

    where instance_type is distinct from 'mixed'

    union all by name

    select
        mixed.* exclude (instance_groups, part, instance_type, instance_count, accelerator_count),
        mixed.part.instance_type as instance_type,
        mixed.part.instance_count as instance_count,
        mixed.part.instance_count * instance_types.instance_accelerator_count as accelerator_count

    from (
        select *, unnest(instance_groups) as part from held where instance_type = 'mixed'
    ) as mixed

    left join instance_types on mixed.part.instance_type = instance_types.instance_type

),

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
        accelerator_count

    from parts

    inner join share_lanes on
        parts.queue = share_lanes.queue
        and case when unit_kind = 'types' then coalesce(parts.instance_type, 'unknown') = unit
            else true end

    inner join share_names on parts.queue = share_names.queue and parts.share = share_names.share

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
    (size is null)::integer::double as unknown_size

from placed

where end_us > begin_us
