-- Jobs that held GPUs below the idle threshold for longer than a while, and what that cost.
-- Grain: one row a job. Unit: GPU-hours, hours, USD, ratio.
-- Definition: docs/metrics/idle_gpu_h.md, idle_cost_usd.md
with

{readings},

host_sums as (

    select
        readings.job_id,
        host_name,
        is_export,
        type_name,
        sum(measured_s * unit_count) as measured_s,
        sum(used_s * unit_count) as used_s,
        sum(idle_s * unit_count) as idle_s,
        -- an export speaks of all hosts at once
        sum(idle_s) / case when is_export then any_value(instance_count) else 1 end as host_idle_s,
        sum(idle_s * unit_count * usd_per_gpu_h) filter (idle_s > 0) / 3600 as idle_usd

    from readings

    left join holdings on
        readings.job_id = holdings.job_id
        and readings.type_name is not distinct from holdings.instance_type

    where metric_name = 'GPUUtilization' and unit_count is not null and measured_s is not null

    group by readings.job_id, host_name, is_export, type_name

),

job_sums as (

    select
        job_id,
        max(host_idle_s) / 3600 as idle_h,
        sum(measured_s) / 3600 as measured_gpu_h,
        least(sum(used_s) / sum(measured_s), 1) as gpu_utilization_ratio,
        sum(idle_s) / 3600 as idle_gpu_h,
        sum(idle_usd) as idle_cost_usd,
        case when bool_or(is_export) then 'export' else 'samples' end as measured_by

    from host_sums

    group by job_id

    having max(host_idle_s) / 3600 > $longer_than_h

),

allocated as (

    select
        job_id,
        sum(held_s * instance_count * gpu_count) / 3600 as allocated_gpu_h

    from spans

    semi join job_sums using (job_id)

    group by job_id

)

select
    job_name,
    account_id,
    region,
    user_name,
    share_name,
    queue_name,
    instance_type,
    training_started_at,
    status,
    allocated_gpu_h,
    measured_gpu_h,
    gpu_utilization_ratio,
    idle_gpu_h,
    idle_h,
    idle_cost_usd,
    measured_by

from job_sums

inner join filtered_jobs using (job_id)

inner join allocated using (job_id)

order by idle_gpu_h desc, job_name, account_id, region
