-- How many jobs of each group have a startup latency.
-- Grain: one row per (input_mode, start_kind, group). Unit: counts.
-- Definition: docs/metrics/startup_latency_s.md
select
    input_mode,
    start_kind,
    {by} as group_value,
    count(*) as job_count,
    count(*) filter (is_image_pull_hidden) as image_pull_hidden_job_count

from filtered_jobs

where startup_latency_s is not null

group by all

order by all
