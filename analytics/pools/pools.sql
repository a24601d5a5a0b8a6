-- Pools: what they are, how well they work, what they cost.
-- Grain: one row a pool. Unit: as suffixed.
-- Definition: docs/metrics/pool_key.md
select
    found.* exclude (newest_job_id),
    regexp_replace(job_facts.job_name, '[-_]?[0-9][0-9a-zA-Z-]*$', '') as job_stem

from (
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
        count(*) filter (outcome = 'hit') / nullif(count(*) filter (eligibility = 'eligible'), 0)
            as hit_rate_ratio,
        arg_max(keep_alive_period_s, created_at) filter (
            eligibility = 'eligible' and keep_alive_period_s is not null
        ) as current_s,
        count(distinct keep_alive_period_s) filter (eligibility = 'eligible') > 1 as is_mixed,
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
) as found

inner join job_facts on found.newest_job_id = job_facts.job_id

order by found.wait_lost_s desc, found.pool_key
