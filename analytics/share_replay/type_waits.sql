-- The jobs that waited for an instance type, and from when until when.
-- Grain: one row per job that waited and started. Unit: instances, microseconds since 1970.
-- Definition: docs/metrics/met_wait_s.md
select
    instance_type,
    instance_count::double as size,
    epoch_us(created_at) as created_us,
    epoch_us(started_at) as started_us

from filtered_queue_jobs

where
    started_at > created_at
    and instance_type is not null
    and instance_count is not null

order by created_at, job_name
