-- Cold and warm starts of matched jobs: one pool, image and input mode.
-- Grain: one row per (pool, image, input mode) with enough of both. Unit: seconds.
-- Definition: docs/metrics/saved_s.md
with

-- most pools have too few of one kind: they need not be looked at closer
candidates as (

    select
        pool_id,
        input_mode

    from filtered_jobs

    where startup_latency_s is not null and outcome is not null

    group by all

    having count(*) filter (start_kind = 'cold') >= $least_jobs
        and count(*) filter (start_kind = 'warm') >= $least_jobs

),

starts as (

    select
        filtered_jobs.pool_id,
        training_jobs.image_uri,
        filtered_jobs.input_mode,
        filtered_jobs.start_kind,
        filtered_jobs.startup_latency_s

    from filtered_jobs

    semi join candidates using (pool_id, input_mode)

    inner join training_jobs using (job_id)

    where filtered_jobs.startup_latency_s is not null and filtered_jobs.outcome is not null

)

select
    input_mode,
    list(startup_latency_s) filter (start_kind = 'cold') as cold_s,
    list(startup_latency_s) filter (start_kind = 'warm') as warm_s

from starts

group by pool_id, image_uri, input_mode

having count(*) filter (start_kind = 'cold') >= $least_jobs
    and count(*) filter (start_kind = 'warm') >= $least_jobs

order by pool_id, image_uri, input_mode
