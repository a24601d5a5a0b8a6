-- GPU-hours that jobs held, how many were measured, how many of these were idle, and what that costs.
-- Grain: one row a group. Unit: GPU-hours, USD, ratio.
-- Definition: docs/metrics/idle_gpu_h.md, idle_cost_usd.md, gpu_utilization_ratio.md
with

{readings},

measured as (

    select
        readings.job_id,
        type_name,
        step_no,
        sum(measured_s * unit_count) as measured_s,
        sum(used_s * unit_count) as used_s,
        sum(idle_s * unit_count) as idle_s,
        sum(idle_s * unit_count * usd_per_gpu_h) filter (idle_s > 0) / 3600 as idle_usd,
        sum(idle_s * unit_count * usd_per_gpu_h) filter (idle_s > 0 and is_price_estimated)
            / 3600 as estimated_usd,
        coalesce(bool_or(idle_s > 0 and usd_per_gpu_h is null), false) as is_price_unknown,
        sum(rejected_count) as rejected_count,
        bool_or(is_export) as is_export

    from readings

    left join holdings on
        readings.job_id = holdings.job_id
        and readings.type_name is not distinct from holdings.instance_type

    where metric_name = 'GPUUtilization' and (unit_count is not null or rejected_count > 0)

    group by all

),

parts as (

    select
        {group} as group_value,
        held_s * instance_count * gpu_count as held_s,
        {is_counted} and gpu_count > 0 as is_counted,
        case when gpu_count is null then job_id end as unknown_job_id

    from (select *, instance_type as type_name from spans)

    where gpu_count is null or gpu_count > 0 or $by = 'all'

    union all by name

    select
        {group} as group_value,
        measured.* exclude (type_name, step_no)

    from measured

    inner join held_jobs using (job_id)

)

select
    group_value,
    count(*) filter (is_counted) as job_count,
    coalesce(sum(held_s), 0) / 3600 as allocated_gpu_h,
    coalesce(sum(measured_s), 0) / 3600 as measured_gpu_h,
    -- sums are rounded: no ratio is above 1
    case when sum(measured_s) > sum(held_s) then 1
        when sum(held_s) > 0 then coalesce(sum(measured_s), 0) / sum(held_s) end as coverage_ratio,
    case when sum(used_s) > sum(measured_s) then 1
        else sum(used_s) / sum(measured_s) end as gpu_utilization_ratio,
    sum(idle_s) / 3600 as idle_gpu_h,
    measured_gpu_h - coalesce(idle_gpu_h, 0) as busy_gpu_h,
    greatest(allocated_gpu_h - measured_gpu_h, 0) as unmeasured_gpu_h,
    case when sum(idle_s) = 0 then 0 else sum(idle_usd) end as idle_cost_usd,
    case when idle_cost_usd is not null then coalesce(sum(estimated_usd), 0) end as estimated_usd,
    count(distinct job_id) filter (is_price_unknown) as unknown_price_job_count,
    count(distinct unknown_job_id) as unknown_gpu_job_count,
    count(distinct job_id) filter (is_export) as export_job_count,
    coalesce(sum(rejected_count), 0)::bigint as out_of_range_sample_count

from parts

group by group_value

order by {order_by}
