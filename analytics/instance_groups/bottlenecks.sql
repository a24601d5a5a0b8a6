-- How busy CPUs and accelerators of each job were: utilization's own readings, a row a job.
-- Grain: one row a job with any utilization. Unit: ratio, 0 to 1, of all devices of the cluster.
-- Definition: docs/metrics/diagnosis.md, gpu_utilization_ratio.md
with

filtered_jobs as (

    select *

    from filtered_chosen_jobs

    where $job_ids is null or list_contains($job_ids, job_id)

),

{readings},

-- of hosts that could be of two types nothing is known, nor of the mean that would be without them
measured as (

    select
        job_id,
        case when count(*) filter (metric_name = 'CPUUtilization' and is_unresolved) = 0
            then {ratio_of_cpu} end as cpu_ratio,
        case when count(*) filter (metric_name = 'GPUUtilization' and is_unresolved) = 0
            then {ratio_of_gpu} end as gpu_ratio,
        sum(measured_s) filter (metric_name = 'CPUUtilization' and not is_export) as cpu_s,
        sum(measured_s) filter (
            metric_name = 'GPUUtilization' and not is_export and unit_count is not null
        ) as gpu_s,
        bool_or(not is_export) as is_sampled

    from (
        select
            *,
            used_s * unit_count as used_unit_s,
            measured_s * unit_count as unit_s
        from readings
        where metric_name in ('CPUUtilization', 'GPUUtilization')
            and measured_s is not null
            and not is_surplus
    )

    group by job_id

),

clusters as (

    select
        job_id,
        coalesce(
            any_value(cluster_accelerator_count) > 0, bool_or(gpu_count > 0), false
        ) as has_accelerators,
        sum(instance_count) filter (gpu_count > 0) as gpu_host_count,
        sum(instance_count) as host_count,
        (any_value(end_us) - any_value(start_us)) / 1e6 as run_s

    from holdings

    where job_id in (select job_id from measured)

    group by job_id

)

select
    filtered_jobs.job_id,
    filtered_jobs.job_name,
    filtered_jobs.account_id,
    filtered_jobs.region,
    filtered_jobs.user_name,
    filtered_jobs.instance_type,
    filtered_jobs.instance_count,
    filtered_jobs.created_at,
    filtered_jobs.list_cost_usd,
    cpu_ratio as cpu_utilization_ratio,
    gpu_ratio as accelerator_utilization_ratio,
    has_accelerators,
    -- of hosts with accelerators where there are any: theirs is the time that costs most
    case when is_sampled then least(
        coalesce(case when has_accelerators then gpu_s else cpu_s end, 0)
            / (case when has_accelerators then coalesce(gpu_host_count, host_count)
                else host_count end * run_s),
        1
    ) end as coverage_ratio

from measured

inner join clusters using (job_id)

inner join filtered_jobs using (job_id)

order by filtered_jobs.created_at, filtered_jobs.job_name, filtered_jobs.job_id
