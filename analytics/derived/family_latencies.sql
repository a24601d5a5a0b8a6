-- Cold against warm startup latency of all jobs of an instance family and input mode.
-- Grain: one row a family and input mode of stale_families. Unit: seconds.
-- Definition: docs/metrics/wait_saved_s.md. Exact medians hold all values: a column at a time.
create or replace temp table family_latencies as
select
    split_part(instance_type, '.', 2) as instance_family,
    input_mode,
    count(*) filter (start_kind = 'cold') as cold_job_count,
    count(*) filter (start_kind = 'warm') as warm_job_count,
    median(startup_latency_s) filter (start_kind = 'cold')
        - median(startup_latency_s) filter (start_kind = 'warm') as wait_saved_per_hit_s

from {job_facts}

where
    eligibility = 'eligible'
    and pool_id is not null
    and startup_latency_s is not null
    and (split_part(instance_type, '.', 2), input_mode) in (from stale_families)

group by all
