-- What one hit saves: waiting, and billed startup.
-- Grain: one row a pool. Unit: seconds of wall clock.
-- Definition: docs/metrics/wait_saved_s.md. Too few jobs of a pool's own: its instance family and
-- input mode; too few of those: the P90 table that AWS published (startup_benchmarks).
-- Exact medians hold all their values: the pools come some at a time, the families a column at a time.
insert into own_startups
select
    pool_id,
    mode(split_part(instance_type, '.', 2)) as instance_family,
    mode(input_mode) as input_mode,
    count(startup_latency_s) filter (start_kind = 'cold') as cold_job_count,
    count(startup_latency_s) filter (start_kind = 'warm') as warm_job_count,
    median(startup_latency_s) filter (start_kind = 'cold')
        - median(startup_latency_s) filter (start_kind = 'warm') as wait_saved_s,
    median(download_s) filter (start_kind = 'cold')
        - median(download_s) filter (start_kind = 'warm') as billed_saved_s

from job_facts

where
    eligibility = 'eligible'
    and pool_id between $first_pool_id and $last_pool_id

group by pool_id

-- step --
create or replace temp table family_latencies as
select
    split_part(instance_type, '.', 2) as instance_family,
    input_mode,
    count(*) filter (start_kind = 'cold') as cold_job_count,
    count(*) filter (start_kind = 'warm') as warm_job_count,
    median(startup_latency_s) filter (start_kind = 'cold')
        - median(startup_latency_s) filter (start_kind = 'warm') as wait_saved_s

from job_facts

where eligibility = 'eligible' and pool_id is not null and startup_latency_s is not null

group by all

-- step --
create or replace temp table family_downloads as
select
    split_part(instance_type, '.', 2) as instance_family,
    input_mode,
    median(download_s) filter (start_kind = 'cold')
        - median(download_s) filter (start_kind = 'warm') as billed_saved_s

from job_facts

where eligibility = 'eligible' and pool_id is not null and startup_latency_s is not null

group by all

-- step --
insert into pool_savings
with

published as (

    select
        input_mode,
        cold_startup_latency_p90_s - warm_startup_latency_p90_s as wait_saved_s

    from startup_benchmarks

),

judged as (

    select
        own.pool_id,
        case
            when own.cold_job_count >= 10 and own.warm_job_count >= 10 then 'own'
            when family.cold_job_count >= 10 and family.warm_job_count >= 10 then 'family'
            else 'published'
        end as saved_source,
        own,
        family,
        downloads.billed_saved_s as family_billed_saved_s,
        -- of the published modes the one that saves least stands for all others
        coalesce(published.wait_saved_s, (select min(wait_saved_s) from published))
            as published_wait_saved_s

    from own_startups as own

    left join family_latencies as family
        on own.instance_family = family.instance_family and own.input_mode = family.input_mode

    left join family_downloads as downloads
        on own.instance_family = downloads.instance_family and own.input_mode = downloads.input_mode

    left join published on own.input_mode = published.input_mode

)

select
    pool_id,
    greatest(0, case saved_source
        when 'own' then own.wait_saved_s
        when 'family' then family.wait_saved_s
        else published_wait_saved_s end) as wait_saved_per_hit_s,
    greatest(0, case saved_source
        when 'own' then coalesce(own.billed_saved_s, 0)
        when 'family' then coalesce(family_billed_saved_s, 0)
        -- the table does not say how much of the startup was billed: nothing is assumed
        else 0 end) as billed_saved_per_hit_s,
    saved_source,
    case saved_source when 'own' then own.cold_job_count
        when 'family' then family.cold_job_count else 0 end as cold_job_count,
    case saved_source when 'own' then own.warm_job_count
        when 'family' then family.warm_job_count else 0 end as warm_job_count

from judged
