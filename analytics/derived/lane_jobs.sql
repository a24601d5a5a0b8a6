-- When jobs asked for capacity of each lane, and when they held it; no time where both ends are equal.
-- Grain: one row a job and lane; of a mixed cluster, a row for each of its instance types, too.
-- Unit: microseconds; units of the lane and accelerators, not a number where they are unknown.
-- Definition: docs/metrics/used_instance_h.md, waiting_instance_h.md
with

parts as (

    select * exclude (instance_groups)

    from share_jobs

    where instance_groups is null

    union all by name

    select * exclude (instance_groups, begin_us, end_us)

    from share_jobs

    where instance_groups is not null

    union all by name

    select
        mixed.* exclude (
            instance_groups, part, instance_type, instance_count, accelerator_count, asked_us
        ),
        mixed.part.instance_type as instance_type,
        mixed.part.instance_count as instance_count,
        mixed.part.instance_count * instance_types.instance_accelerator_count as accelerator_count

    from (
        select *, unnest(instance_groups) as part
        from share_jobs
        where instance_groups is not null
    ) as mixed

    left join instance_types on mixed.part.instance_type = instance_types.instance_type

),

ended as (

    select
        parts.*,
        lane_no,
        share_no,
        is_by_accelerator,
        coalesce(left_us, case when is_alive then horizon_us end) as known_left_us,
        -- what is known to be over, but not since when, held nobody knows how much
        coalesce(end_us, case when not coalesce(is_over, false) then horizon_us end) as known_end_us

    from parts

    inner join lane_groups on
        parts.queue = lane_groups.queue
        and parts.share = lane_groups.share
        and parts.instance_type is not distinct from lane_groups.instance_type

)

select
    lane_no,
    share_no,
    coalesce(asked_us, 0) as asked_us,
    case when known_left_us > asked_us then known_left_us else coalesce(asked_us, 0) end as left_us,
    coalesce(begin_us, 0) as begin_us,
    case when known_end_us > begin_us then known_end_us else coalesce(begin_us, 0) end as end_us,
    coalesce(
        (case when is_by_accelerator then accelerator_count else instance_count end)::double,
        'nan'::double
    ) as amount,
    coalesce(accelerator_count::double, 'nan'::double) as gpu,
    is_preempted

from ended
