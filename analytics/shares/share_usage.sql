-- Whose capacity it was: what each share owned, used, borrowed, lent and left idle.
-- Grain: one row per (queue, share, step). Unit: instance-hours (capacity_unit), ratios.
-- Definition: docs/metrics/own_instance_h.md, used_instance_h.md, gpu_allocation_ratio.md
with

windowed as (

    select *, {step} as step_at

    from share_hours

    where ($first_at is null or hour_at >= $first_at) and ($last_at is null or hour_at < $last_at)

),

-- the GPUs of one unit of capacity: of its type, else of the mean instance that the queue ran
densities as (

    select
        share_hours.queue_name,
        share_hours.capacity_unit,
        case
            when share_hours.capacity_unit = 'accelerators' then 1
            when max(instance_types.instance_accelerator_count) is not null
                then max(instance_types.instance_accelerator_count)
            when sum(unknown_gpu_instance_h) = 0
                then sum(allocated_gpu_h) / nullif(sum(used_instance_h), 0)
        end as gpu_count

    from share_hours

    left join instance_types on share_hours.capacity_unit = instance_types.instance_type

    group by share_hours.queue_name, share_hours.capacity_unit

),

-- of the whole queue
queue_steps as (

    select
        windowed.queue_name,
        windowed.step_at,
        min(windowed.hour_at) as first_hour_at,
        sum(capacity_instance_h) as capacity_instance_h,
        sum(over_capacity_instance_h) as over_capacity_instance_h,
        sum(used_instance_h) as used_instance_h,
        sum(allocated_gpu_h) as allocated_gpu_h,
        case when count(capacity_instance_h) = count(capacity_instance_h * gpu_count)
            then sum(capacity_instance_h * gpu_count) end as capacity_gpu_h

    from windowed

    left join densities on
        windowed.queue_name is not distinct from densities.queue_name
        and windowed.capacity_unit = densities.capacity_unit

    group by windowed.queue_name, windowed.step_at

)

select
    shares.queue_name,
    shares.share_name,
    max(shares.share_kind) as share_kind,
    coalesce(shares.step_at, any_value(queue_steps.first_hour_at)) as hour_at,
    sum(shares.own_instance_h) as own_instance_h,
    sum(shares.used_instance_h) as used_instance_h,
    sum(shares.owned_used_instance_h) as owned_used_instance_h,
    sum(shares.borrowed_instance_h) as borrowed_instance_h,
    sum(shares.lent_instance_h) as lent_instance_h,
    sum(shares.idle_instance_h) as idle_instance_h,
    sum(shares.preempted_instance_h) as preempted_instance_h,
    -- more may be used than is known to be there
    case when sum(shares.unknown_gpu_instance_h) = 0
        then sum(shares.allocated_gpu_h) / nullif(greatest(
            any_value(queue_steps.capacity_gpu_h),
            case when any_value(queue_steps.capacity_gpu_h) is not null
                then any_value(queue_steps.allocated_gpu_h) end
        ), 0)
    end as gpu_allocation_ratio,
    any_value(queue_steps.capacity_instance_h) as capacity_instance_h,
    case when shares.is_unassigned then any_value(queue_steps.over_capacity_instance_h) end
        as over_capacity_instance_h,
    sum(shares.waiting_instance_h) as waiting_instance_h,
    sum(shares.starved_instance_h) as starved_instance_h,
    -- more may be promised than is there
    sum(shares.own_instance_h) / nullif(greatest(
        any_value(queue_steps.capacity_instance_h),
        case when any_value(queue_steps.capacity_instance_h) is not null
            then sum(shares.own_instance_h) end
    ), 0) as entitlement_ratio,
    sum(shares.used_instance_h) / nullif(greatest(
        any_value(queue_steps.capacity_instance_h),
        case when any_value(queue_steps.capacity_instance_h) is not null
            then any_value(queue_steps.used_instance_h) end
    ), 0) as received_ratio,
    sum(shares.allocated_gpu_h) as allocated_gpu_h,
    sum(shares.unknown_size_h) as unknown_size_h,
    case when bool_and(shares.capacity_unit = 'accelerators') then 'accelerators'
        else 'instances' end as capacity_unit,
    shares.is_unassigned

from (select *, {step} as step_at from filtered_share_hours) as shares

inner join queue_steps on
    shares.queue_name is not distinct from queue_steps.queue_name
    and shares.step_at is not distinct from queue_steps.step_at

group by shares.queue_name, shares.share_name, shares.step_at, shares.is_unassigned

order by shares.queue_name, hour_at, shares.is_unassigned, shares.share_name
