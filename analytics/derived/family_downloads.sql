-- Cold against warm billed downloads of all jobs of an instance family and input mode.
-- Grain: one row a family and input mode of stale_families. Unit: seconds of wall clock.
-- Definition: docs/metrics/billed_saved_s.md
create or replace temp table family_downloads as
select
    split_part(instance_type, '.', 2) as instance_family,
    input_mode,
    median(download_s) filter (start_kind = 'cold')
        - median(download_s) filter (start_kind = 'warm') as billed_saved_per_hit_s

from {job_facts}

where
    eligibility = 'eligible'
    and pool_id is not null
    and startup_latency_s is not null
    and (split_part(instance_type, '.', 2), input_mode) in (from stale_families)

group by all
