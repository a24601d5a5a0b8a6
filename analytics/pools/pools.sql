-- Pools: what they are, how well they work, what they cost.
-- Grain: one row a pool. Unit: as suffixed.
-- Definition: docs/metrics/pool_key.md
with

counted as (

    select
        pool_id,
        count(*) as job_count,
        count(*) filter (eligibility = 'eligible') as eligible_count,
        count(*) filter (outcome = 'hit') as hit_count,
        count(*) filter (outcome = 'miss') as miss_count,
        {hit_rate} as hit_rate_ratio,
        {current_keep_alive} as current_keep_alive_s,
        {is_mixed} as is_mixed,
        sum(list_cost_usd) as list_cost_usd,
        sum(retained_cost_usd) as retained_cost_usd,
        sum(retained_s) as retained_s,
        min(created_at) as first_created_at,
        max(created_at) as last_created_at

    from filtered_jobs

    where pool_id is not null

    group by pool_id

)

select
    pools.pool_key,
    pools.pool_label,
    pools.account_id,
    pools.region,
    pools.instance_type,
    pools.instance_count,
    split_part(pools.role_arn, '/', -1) as role_name,
    pools.volume_size_gib,
    job_count,
    eligible_count,
    hit_count,
    hit_rate_ratio,
    current_keep_alive_s,
    is_mixed,
    list_cost_usd,
    retained_cost_usd,
    retained_s,
    coalesce(miss_count * pool_savings.wait_saved_per_hit_s, 0) as wait_lost_s,
    first_created_at,
    last_created_at,
    pool_savings.wait_saved_per_hit_s,
    pool_savings.billed_saved_per_hit_s,
    pool_savings.saved_source

from counted

inner join pools using (pool_id)

left join pool_savings using (pool_id)

order by wait_lost_s desc, pools.pool_key, pools.account_id, pools.region
