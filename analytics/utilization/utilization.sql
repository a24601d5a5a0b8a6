-- How much of what jobs held was used: by samples weighted by devices and period, and by means of exports.
-- Grain: one row a group. Unit: ratio, 0 to 1; hours.
-- Definition: docs/metrics/gpu_utilization_ratio.md, cpu_utilization_ratio.md, coverage_ratio.md
with

{readings},

-- the time with any sample: by hour, of the metric that was measured longest
covered_hours as (

    select
        job_id,
        type_name,
        step_no,
        hour_no,
        host_name,
        is_export,
        is_unresolved,
        is_unknown,
        is_surplus,
        max(measured_s) as covered_s

    from (
        select
            job_id, type_name, step_no, hour_no, host_name, metric_name, is_export, is_unresolved,
            is_unknown, is_surplus, sum(measured_s) as measured_s
        from readings
        group by all
    )

    group by all

),

covered as (

    select
        job_id,
        type_name,
        step_no,
        -- an export speaks of the whole run
        coalesce(
            max(covered_s) filter (is_export),
            sum(covered_s) filter (not is_surplus)
        ) as covered_s,
        sum(covered_s) filter (is_unresolved) as unresolved_s,
        sum(covered_s) filter (is_unknown) as unknown_s

    from covered_hours

    group by all

),

measured as (

    select
        job_id,
        type_name,
        step_no,
        metric_name,
        sum(sample_count) filter (not is_surplus) as sample_count,
        sum(rejected_count) as rejected_count,
        sum(used_s * unit_count) as used_unit_s,
        sum(measured_s * unit_count) as unit_s,
        bool_or(is_export) as is_export

    from readings

    group by all

),

parts as (

    select
        {group} as group_value,
        held_s * instance_count as held_s,
        {is_counted} as is_counted
    from (select *, instance_type as type_name from spans)

    union all by name

    select
        {group} as group_value,
        covered.* exclude (job_id, type_name, step_no)
    from covered
    inner join held_jobs using (job_id)

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
    coalesce(sum(sample_count), 0)::bigint as sample_count,
    coalesce(sum(covered_s), 0) / 3600 as host_h,
    {ratio_of_cpu} as cpu_utilization_ratio,
    {ratio_of_gpu} as gpu_utilization_ratio,
    {ratio_of_gpu_memory} as gpu_memory_utilization_ratio,
    {ratio_of_memory} as memory_utilization_ratio,
    {ratio_of_disk} as disk_utilization_ratio,
    case when sum(covered_s) > sum(held_s) then 1
        when sum(held_s) > 0 then coalesce(sum(covered_s), 0) / sum(held_s) end as coverage_ratio,
    sum(held_s) / 3600 as allocated_host_h,
    count(distinct job_id) filter (is_export) as export_job_count,
    coalesce(sum(unresolved_s), 0) / 3600 as unresolved_host_h,
    coalesce(sum(unknown_s), 0) / 3600 as unknown_host_h,
    coalesce(sum(rejected_count), 0)::bigint as out_of_range_sample_count

from parts

group by group_value

order by {order_by}
