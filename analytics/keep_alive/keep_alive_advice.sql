-- What is known of each pool before advice: its jobs, days, current setting and price.
-- Grain: one row a pool with eligible jobs. Unit: seconds, USD, days.
-- Definition: docs/metrics/keep_alive_advice.md
with

days as (

    select
        *,
        {created_date} as created_date

    from filtered_jobs

    where eligibility = 'eligible'

),

ends as (

    -- whatever pools are asked for: a pool that has ended gains less a month, and so does one that
    -- began late in the time that was asked for
    select
        {created_date} as last_date,
        case when $since::timestamptz is not null then
            greatest(
                date '1970-01-01' + (epoch_us($since::timestamptz) // 86_400_000_000)::integer,
                date '1970-01-01' + (epoch_us(least_created_at) // 86_400_000_000)::integer
            )
        end as since_date
    from (
        select
            max(created_at) as created_at,
            min(created_at) as least_created_at
        from job_facts
        where
            eligibility = 'eligible'
            and ($until::timestamptz is null or created_at < $until::timestamptz)
    )

),

own as (

    select
        pool_id,
        count(*) as job_count,
        min(created_date) as first_date,
        max(created_date) as last_job_date,
        {current_keep_alive} as current_keep_alive_s,
        {is_mixed} as is_mixed,
        max_by(job_name, (created_at, job_name)) as newest_job_name,
        min(instance_type) as least_instance_type,
        max(instance_type) as instance_type,
        max_by(instance_count, (created_at, job_name)) as instance_count,
        count(usd_per_h) as priced_job_count,
        avg(usd_per_h) as usd_per_h

    from days

    where pool_id is not null

    group by pool_id

),

known as (

    select
        own.pool_id,
        pools.pool_key,
        pools.pool_label,
        pools.region,
        job_count,
        coalesce(ends.since_date, first_date) - date '1970-01-01' as first_day,
        ends.last_date - date '1970-01-01' as last_day,
        last_job_date - date '1970-01-01' as last_job_day,
        last_job_date - first_date + 1 as job_span_days,
        current_keep_alive_s,
        is_mixed,
        newest_job_name,
        case when least_instance_type = own.instance_type then own.instance_type end
            as instance_type,
        own.instance_count,
        pools.volume_size_gib,
        priced_job_count,
        usd_per_h,
        pool_savings.wait_saved_per_hit_s as wait_saved_s,
        pool_savings.billed_saved_per_hit_s as billed_saved_s,
        saved_source

    from own

    inner join pools using (pool_id)

    inner join pool_savings using (pool_id)

    cross join ends

)

select *

from known

order by pool_id
