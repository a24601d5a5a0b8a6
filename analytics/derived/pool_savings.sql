-- What one hit saves: wait time, and billed startup. If a pool has too few jobs of its own: from its
-- instance family and input mode; if these too are few: from the P90 table that AWS published.
-- Grain: one row a pool of savings_pools. Unit: seconds of wall clock.
-- Definition: docs/metrics/wait_saved_s.md
insert into {pool_savings} by name
with

published as (

    select
        input_mode,
        cold_startup_latency_p90_s - warm_startup_latency_p90_s as wait_saved_per_hit_s

    from startup_benchmarks

),

estimates as (

    select
        own.pool_id,
        case
            when least(own.cold_job_count, own.warm_job_count) >= $least_job_count then 'own'
            when least(family.cold_job_count, family.warm_job_count) >= $least_job_count
                then 'family'
            else 'published'
        end as saved_source,
        own,
        family,
        -- of the published modes the one that saves least stands for all others
        coalesce(
            published.wait_saved_per_hit_s, (select min(wait_saved_per_hit_s) from published)
        ) as published_wait_saved_s

    from {pool_startups} as own

    semi join savings_pools using (pool_id)

    left join {family_startups} as family
        on own.instance_family = family.instance_family and own.input_mode = family.input_mode

    left join published on own.input_mode = published.input_mode

)

select
    pool_id,
    greatest(0, case saved_source
        when 'own' then own.wait_saved_per_hit_s
        when 'family' then family.wait_saved_per_hit_s
        else published_wait_saved_s end) as wait_saved_per_hit_s,
    greatest(0, case saved_source
        when 'own' then coalesce(own.billed_saved_per_hit_s, 0)
        when 'family' then coalesce(family.billed_saved_per_hit_s, 0)
        -- the table does not say how much of the startup was billed: nothing is assumed
        else 0 end) as billed_saved_per_hit_s,
    saved_source,
    case saved_source when 'own' then own.cold_job_count
        when 'family' then family.cold_job_count else 0 end as cold_job_count,
    case saved_source when 'own' then own.warm_job_count
        when 'family' then family.warm_job_count else 0 end as warm_job_count

from estimates
