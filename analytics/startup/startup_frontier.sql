-- Each start as it would be without a warm cluster, what a hit saves of it, and which changes of
-- other levers touch it (numbers of $change_...; -1: none).
-- Grain: one row an eligible job with a known startup latency. Unit: seconds, USD/h.
-- Definition: docs/metrics/startup_frontier.md
with

changes as (

    select
        unnest($change_levers::varchar[]) as lever,
        unnest($change_pool_ids::bigint[]) as pool_id,
        unnest($change_targets::varchar[]) as target,
        unnest($change_numbers::bigint[]) as number

),

days as (

    select
        job_id,
        pool_id,
        input_mode,
        start_kind,
        donor_job_id,
        startup_latency_s,
        usd_per_h,
        unlimited_gap_s

    from filtered_jobs

    where eligibility = 'eligible' and startup_latency_s is not null

),

starts as (

    select
        days.*,
        training_jobs.image_uri,
        training_jobs.is_profiled,
        donors.image_uri as donor_image_uri

    from days

    inner join training_jobs using (job_id)

    left join training_jobs as donors on days.donor_job_id = donors.job_id

)

select
    job_id,
    pool_id,
    startup_latency_s + case when start_kind = 'warm' then wait_saved_per_hit_s else 0 end as cold_s,
    wait_saved_per_hit_s as saved_s,
    billed_saved_per_hit_s as billed_saved_s,
    coalesce(usd_per_h, 'nan'::double) as usd_per_h,
    coalesce(floor(unlimited_gap_s)::bigint, $never) as gap_s,
    coalesce(modes.number, -1) as input_mode_change,
    coalesce(images.number, -1) as image_change,
    coalesce(same_images.number, -1) as image_changes_change,
    coalesce(profilers.number, -1) as profiler_change

from starts

inner join pool_savings using (pool_id)

left join changes as modes on
    modes.lever = 'input_mode' and modes.pool_id = starts.pool_id
    and starts.input_mode in ('File', 'FastFile', 'Pipe') and starts.input_mode <> modes.target

left join changes as images on
    images.lever = 'image' and images.pool_id = starts.pool_id
    and starts.image_uri <> images.target

left join changes as same_images on
    same_images.lever = 'image_changes' and same_images.pool_id = starts.pool_id
    and starts.image_uri <> starts.donor_image_uri

left join changes as profilers on
    profilers.lever = 'profiler' and profilers.pool_id = starts.pool_id and starts.is_profiled

order by pool_id, cold_s, gap_s
