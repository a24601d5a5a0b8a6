-- What the pools are called, those of most jobs first.
-- Grain: one row a pool. Unit: counts.
-- Definition: docs/metrics/pool_key.md
select
    pools.pool_key,
    pools.pool_label,
    pools.account_id,
    pools.region,
    counted.job_count

from (
    select
        pool_id,
        count(*) as job_count
    from filtered_jobs
    where pool_id is not null
    group by pool_id
) as counted

inner join pools using (pool_id)

order by job_count desc, pools.pool_key, pools.account_id, pools.region
