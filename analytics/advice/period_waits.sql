-- How long jobs waited to start, all together.
-- Grain: one row. Unit: seconds.
-- Definition: docs/metrics/period_changes.md
select
    count(startup_latency_s) as job_count,
    sum(startup_latency_s) as wait_s

from filtered_jobs
