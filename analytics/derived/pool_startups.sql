-- Cold against warm starts of a pool's own jobs; its family and input mode are those of most jobs.
-- Grain: one row a pool with eligible jobs. Unit: seconds of wall clock.
-- Definition: docs/metrics/wait_saved_s.md. Exact medians hold all values: some pools at a time.
insert into {pool_startups} by name
with

jobs as (

    select
        pool_id,
        split_part(instance_type, '.', 2) as instance_family,
        input_mode,
        start_kind,
        startup_latency_s,
        download_s

    from {job_facts}

    semi join (select pool_id from startup_pools where chunk = $chunk) as part using (pool_id)

    where eligibility = 'eligible'

),

families as (

    -- of equally many the first by name
    select pool_id, min_by(instance_family, (-job_count, instance_family)) as instance_family
    from (select pool_id, instance_family, count(*) as job_count from jobs group by all)
    group by pool_id

),

modes as (

    select pool_id, min_by(input_mode, (-job_count, input_mode)) as input_mode
    from (select pool_id, input_mode, count(*) as job_count from jobs group by all)
    group by pool_id

),

startups as (

    select
        pool_id,
        count(startup_latency_s) filter (start_kind = 'cold') as cold_job_count,
        count(startup_latency_s) filter (start_kind = 'warm') as warm_job_count,
        median(startup_latency_s) filter (start_kind = 'cold')
            - median(startup_latency_s) filter (start_kind = 'warm') as wait_saved_per_hit_s,
        median(download_s) filter (start_kind = 'cold')
            - median(download_s) filter (start_kind = 'warm') as billed_saved_per_hit_s

    from jobs

    group by pool_id

)

select *

from startups

inner join families using (pool_id)

inner join modes using (pool_id)
