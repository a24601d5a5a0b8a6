-- How the measured GPU-hours spread over jobs of low and high GPU utilization.
-- Grain: one row a step of 5 % of a job's utilization; steps without jobs too. Unit: ratio, GPU-hours.
-- Definition: docs/metrics/gpu_utilization_ratio.md
with

{readings},

measured_jobs as (

    select
        job_id,
        sum(measured_s * unit_count) / 3600 as gpu_h,
        sum(used_s * unit_count) / sum(measured_s * unit_count) as job_ratio

    from readings

    where metric_name = 'GPUUtilization' and unit_count is not null and measured_s is not null

    group by job_id

)

select
    step / 20 as utilization_from_ratio,
    (step + 1) / 20 as utilization_to_ratio,
    count(job_id) as job_count,
    coalesce(sum(gpu_h), 0) as measured_gpu_h

from (select unnest(range(20)) as step) as steps

-- a job of exactly 100 % is in the last step
left join measured_jobs on least(floor(job_ratio * 20), 19) = step

where exists (from measured_jobs)

group by step

order by step
