-- What each pool of a change cost and waited, day by day, before and after it.
-- Grain: one row per (change, day, side). Unit: seconds, USD.
-- Definition: docs/metrics/did_it_pay.md
with

changes as (

    select
        unnest($change_nos::integer[]) as change_no,
        unnest($regions::varchar[]) as region,
        unnest($pool_keys::varchar[]) as pool_key,
        unnest($since_ats::timestamptz[]) as since_at,
        unnest($changed_ats::timestamptz[]) as changed_at,
        unnest($until_ats::timestamptz[]) as until_at

),

concerned as (

    select distinct
        change_no,
        pool_id,
        since_at,
        changed_at,
        until_at

    from changes

    inner join pools on
        changes.pool_key = pools.pool_key
        and (changes.region = 'unknown' or changes.region = pools.region)

)

select
    change_no,
    {created_day} as day,
    created_at >= changed_at as is_after,
    count(*) as job_count,
    count(startup_latency_s) as waited_count,
    coalesce(sum(startup_latency_s), 0) as wait_s,
    count(retained_cost_usd) as idle_count,
    coalesce(sum(retained_cost_usd), 0) as idle_usd,
    count(billed_startup_usd) as startup_count,
    coalesce(sum(billed_startup_usd), 0) as startup_usd

from filtered_jobs

inner join concerned using (pool_id)

where
    eligibility = 'eligible'
    and created_at >= since_at
    and created_at < coalesce(until_at, created_at + interval 1 second)

group by all

order by change_no, day, is_after
