-- Where a pool's keep-alive period changed for good: the newest change between two steady times.
-- Grain: one row a pool that changed. Unit: seconds.
-- Definition: docs/metrics/did_it_pay.md
with

days as (

    select
        pool_id,
        {created_day} as day,
        -- what most of a day's jobs had: one job that leaves it out is no change
        quantile_disc(keep_alive_period_s, 0.5) as period_s,
        count(*) as job_count

    from filtered_jobs

    where eligibility = 'eligible' and pool_id is not null and keep_alive_period_s is not null

    group by all

),

steps as (

    select
        *,
        coalesce(
            (period_s <> lag(period_s) over (partition by pool_id order by day))::integer, 0
        ) as is_new

    from days

),

numbered as (

    select
        *,
        sum(is_new) over (partition by pool_id order by day) as run_no

    from steps

),

runs as (

    select
        pool_id,
        run_no,
        any_value(period_s) as period_s,
        min(day) as first_day,
        count(*) as day_count

    from numbered

    group by pool_id, run_no

),

neighbours as (

    select
        *,
        lag(period_s) over by_time as previous_s,
        lag(day_count) over by_time as previous_day_count,
        lag(first_day) over by_time as previous_first_day,
        lead(first_day) over by_time as next_first_day

    from runs

    window by_time as (partition by pool_id order by run_no)

),

newest as (

    select *

    from neighbours

    where day_count >= $least_day_count and previous_day_count >= $least_day_count

    qualify row_number() over (partition by pool_id order by run_no desc) = 1

),

first_jobs as (

    select
        pool_id,
        min(created_at) as changed_at

    from filtered_jobs

    inner join newest using (pool_id)

    where
        eligibility = 'eligible'
        and {created_day} >= first_day
        and keep_alive_period_s = period_s

    group by pool_id

)

select
    pools.pool_key,
    pools.region,
    pools.pool_label,
    newest.previous_s,
    newest.period_s,
    first_jobs.changed_at,
    to_timestamp(newest.previous_first_day * 86400) as since_at,
    to_timestamp(newest.next_first_day * 86400) as until_at

from newest

inner join first_jobs using (pool_id)

inner join pools using (pool_id)

order by first_jobs.changed_at desc, pools.region, pools.pool_key
