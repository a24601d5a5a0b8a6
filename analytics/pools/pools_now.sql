-- Warm clusters that are idle at an instant: until when, at what price, of which quota.
-- Grain: one row a cluster that a job left behind. Unit: USD/h of the whole cluster; instances.
-- Definition: docs/metrics/pools_now.md
with

idle as (

    select
        fact.job_id,
        fact.job_name,
        fact.pool_id,
        fact.pool_key,
        fact.account_id,
        fact.region,
        fact.user_name,
        fact.instance_type,
        fact.instance_count,
        fact.keep_alive_period_s,
        fact.release_at as idle_since_at,
        fact.release_at + to_seconds(fact.keep_alive_period_s) as expires_at,
        fact.usd_per_h,
        fact.is_price_estimated,
        job.fetched_at as observed_at

    from job_facts as fact

    inner join training_jobs as job using (job_id)

    where
        fact.warm_pool_status = 'Available'
        -- without an end it is idle for a time that is not known
        and coalesce(fact.release_at <= $now, true)
        and coalesce(fact.release_at + to_seconds(fact.keep_alive_period_s) > $now, true)

),

-- every idle cluster counts towards the quota, whatever is filtered
used as (

    select
        account_id,
        region,
        instance_type,
        sum(instance_count)::bigint as quota_used_count

    from idle

    group by all

),

quotas as (

    select
        account_id,
        region,
        instance_type,
        max_by(quota_value, observed_at)::bigint as quota_count

    from service_quotas

    where quota_kind = 'training_warm_pool'

    group by all

)

select
    pool_key,
    pool_label,
    job_name,
    account_id,
    region,
    user_name,
    instance_type,
    instance_count,
    idle_since_at,
    expires_at,
    case when expires_at is not null
        then (epoch_us(expires_at) - epoch_us($now::timestamptz)) / 1e6 end as remaining_s,
    usd_per_h,
    is_price_estimated,
    quota_used_count,
    quota_count,
    observed_at

from idle

left join (select pool_id, pool_label from pools) as named using (pool_id)

left join used using (account_id, region, instance_type)

left join quotas using (account_id, region, instance_type)

where job_id in (select job_id from filtered_jobs)

order by expires_at nulls last, account_id, region, job_name
