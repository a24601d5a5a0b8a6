-- What was measured of the GPUs that shares held: utilization's own readings, of queued jobs.
-- Grain: one row per (queue, share, step) with measured GPUs. Unit: GPU-hours, instance-hours.
-- Definition: docs/metrics/gpu_utilization_ratio.md, gpu_allocation_ratio.md
with

-- of their runs, what lies in the hours looked at
filtered_jobs as (

    select * replace (
        greatest(training_started_at, $first_at::timestamptz) as training_started_at,
        least(training_ended_at, $last_at::timestamptz) as training_ended_at
    )

    from filtered_queued_jobs

    where training_ended_at > training_started_at
        and ($first_at is null or training_ended_at > $first_at)
        and ($last_at is null or training_started_at < $last_at)
        and (
            queue_name is not null
            or share_name is not null
            or job_id in (select job_id from training_jobs where record_kind = 'export')
        )

),

{readings}

select
    queue_name,
    share_name,
    make_timestamptz(step_no * {step_us}) as hour_at,
    sum(used_s * unit_count) / 3600 as busy_gpu_h,
    sum(measured_s * unit_count) / 3600 as measured_gpu_h,
    sum(measured_s) / 3600 as measured_host_h

from readings

inner join held_jobs using (job_id)

where metric_name = 'GPUUtilization' and unit_count is not null

group by all
