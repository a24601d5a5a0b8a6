-- What clusters that were asked for and not kept have cost: misses, their wait, and idle time saved.
-- Grain: one row an account, region, instance type and day. Unit: counts, seconds, USD.
-- Definition: docs/metrics/quota_advice.md
with

refused as (

    select
        job_id,
        account_id,
        region,
        instance_type,
        {created_day} as created_day,
        keep_alive_period_s,
        has_quota_message,
        -- what a cluster that is kept would have idled for, and cost
        least(coalesce(unlimited_idle_s, keep_alive_period_s), keep_alive_period_s)
            * usd_per_h / 3600 as idle_usd

    from job_facts

    where
        eligibility = 'eligible'
        and keep_alive_period_s > 0
        and (
            has_quota_message
            or (retained_s = 0 and coalesce(warm_pool_status, 'Terminated') = 'Terminated')
        )

),

misses as (

    select
        job.account_id,
        job.region,
        job.instance_type,
        {created_day} as created_day,
        wait_saved_per_hit_s,
        billed_saved_per_hit_s * job.usd_per_h / 3600 as billed_usd

    from filtered_jobs as job

    inner join pool_savings using (pool_id)

    -- kept, it would have been there in time; one job a cluster, as idle time counts
    inner join refused on
        job.unlimited_donor_job_id = refused.job_id
        and job.unlimited_gap_s < refused.keep_alive_period_s

    where job.miss_reason = 'not_provisioned'

),

sides as (

    select
        account_id,
        region,
        instance_type,
        created_day,
        1 as refused_job_count,
        has_quota_message::integer as refused_by_message_count,
        0 as miss_count,
        0.0 as wait_lost_s,
        0.0 as billed_lost_usd,
        idle_usd

    from refused

    where job_id in (select job_id from filtered_jobs)

    union all

    select
        account_id,
        region,
        instance_type,
        created_day,
        0,
        0,
        1,
        wait_saved_per_hit_s,
        billed_usd,
        0.0

    from misses

)

select
    account_id,
    region,
    instance_type,
    created_day,
    sum(refused_job_count)::bigint as refused_job_count,
    sum(refused_by_message_count)::bigint as refused_by_message_count,
    sum(miss_count)::bigint as miss_count,
    sum(wait_lost_s) as wait_lost_s,
    -- unknown where any price is
    case when count(billed_lost_usd) = count(*) then sum(billed_lost_usd) end as billed_lost_usd,
    case when count(idle_usd) = count(*) then sum(idle_usd) end as idle_usd

from sides

group by all

order by all
