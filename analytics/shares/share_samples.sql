-- What CloudWatch measured of the GPUs that shares held.
-- Grain: one row per (queue, share, step) with samples. Unit: GPU-hours, instance-hours.
-- Definition: docs/metrics/gpu_allocation_ratio.md
with

held as (

    select distinct on (allocations.job_id)
        allocations.queue_name,
        allocations.share_name,
        job_facts.job_name,
        job_facts.account_id,
        job_facts.region,
        allocations.accelerator_count / nullif(allocations.instance_count, 0) as host_gpu_count

    from allocations

    inner join job_facts using (job_id)

    -- a job that brings its own mean is measured by that
    where allocations.is_queued
        and allocations.gpu_utilization_ratio is null
        and exists (from metric_samples)

),

-- of several periods for one time, the shortest
samples as (

    select
        job_name,
        account_id,
        region,
        sampled_at,
        metric_value,
        period_s

    from metric_samples

    where metric_name = 'GPUUtilization'
        and coalesce(lower(statistic_name), 'average') = 'average'
        and ($first_at is null or sampled_at >= $first_at)
        and ($last_at is null or sampled_at < $last_at)

    qualify row_number() over (
        partition by account_id, region, job_name, host_name, sampled_at order by period_s
    ) = 1

)

select
    held.queue_name,
    held.share_name,
    {sample_step} as hour_at,
    sum(metric_value / 100 * period_s) / 3600 as busy_gpu_h,
    sum(host_gpu_count * period_s) / 3600 as measured_gpu_h,
    sum(period_s) / 3600 as measured_host_h

from samples

-- a sample need not say whose it is
inner join held on
    samples.job_name = held.job_name
    and coalesce(samples.account_id, held.account_id) = held.account_id
    and coalesce(samples.region, held.region) = held.region

where held.host_gpu_count > 0

group by all
