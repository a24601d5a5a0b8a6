-- Pools: what they are, how well they work, what they cost.
-- Grain: one row a pool. Unit: as suffixed.
-- Definition: docs/metrics/pool_key.md
with

counted as (

    select
        pools.pool_key,
        pools.account_id,
        pools.region,
        pools.instance_type,
        pools.instance_count,
        split_part(pools.role_arn, '/', -1) as role_name,
        pools.volume_size_gib,
        count(*) as job_count,
        count(*) filter (eligibility = 'eligible') as eligible_count,
        count(*) filter (outcome = 'hit') as hit_count,
        {hit_rate} as hit_rate_ratio,
        {current_keep_alive} as current_keep_alive_s,
        {is_mixed} as is_mixed,
        sum(list_cost_usd) as list_cost_usd,
        sum(retained_cost_usd) as retained_cost_usd,
        sum(retained_s) as retained_s,
        coalesce(sum(wait_saved_per_hit_s) filter (outcome = 'miss'), 0) as wait_lost_s,
        min(created_at) as first_created_at,
        max(created_at) as last_created_at,
        any_value(pool_savings.wait_saved_per_hit_s) as wait_saved_per_hit_s,
        any_value(pool_savings.billed_saved_per_hit_s) as billed_saved_per_hit_s,
        any_value(pool_savings.saved_source) as saved_source,
        arg_max(job_id, created_at) as newest_job_id

    from filtered_jobs

    inner join pools using (pool_id)

    left join pool_savings using (pool_id)

    group by all

),

named as (

    -- the name comes last: names of all jobs would be carried through the sums
    select
        counted.*,
        job_facts.job_name as newest_job_name

    from counted

    inner join job_facts on counted.newest_job_id = job_facts.job_id

)

select
    pool_key,
    {pool_label} as pool_label,
    named.* exclude (pool_key, newest_job_id, newest_job_name)

from named

order by wait_lost_s desc, pool_key
