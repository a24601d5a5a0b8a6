-- When the jobs of several attempts held capacity.
-- Grain: one row per attempt. Unit: microseconds since 1970; -1: not ended.
-- Definition: docs/metrics/is_explained.md
select
    service_job_no,
    epoch_us(allocated_at) as allocated_us,
    coalesce(epoch_us(released_at), -1) as released_us

from allocations

where
    service_job_no in (
        select service_job_no from filtered_queue_jobs where attempt_count > 1
    )
