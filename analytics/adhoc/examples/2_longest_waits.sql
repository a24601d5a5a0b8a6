-- Longest waits
-- Grain: one row a job. Unit: seconds.
-- Definition: docs/metrics/startup_latency_s.md
select
    job_name,
    created_at,
    instance_type,
    input_mode,
    start_kind,
    startup_latency_s

from job_facts

where startup_latency_s is not null
order by startup_latency_s desc
limit 50
