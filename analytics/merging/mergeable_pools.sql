-- Pools with eligible jobs, the fields of their keys, and who uses them.
-- Grain: one row a pool with eligible jobs. Unit: GB, counts.
-- Definition: docs/metrics/pool_merges.md
with

used as (

    select
        pool_id,
        count(*) as job_count,
        count(*) filter (user_name is null) as unknown_user_job_count,
        list_sort(list(distinct user_name) filter (user_name is not null)) as users

    from filtered_jobs

    where eligibility = 'eligible' and pool_id is not null

    group by pool_id

)

select
    pools.pool_id,
    pools.pool_key,
    pools.pool_label,
    pools.account_id,
    pools.region,
    pools.instance_type,
    pools.instance_count,
    pools.role_arn,
    pools.volume_kms_key_id,
    pools.volume_size_gib,
    pools.security_group_ids,
    pools.subnets,
    pools.has_inter_container_encryption,
    pools.has_network_isolation,
    used.job_count,
    used.unknown_user_job_count,
    coalesce(used.users, []) as users

from used

inner join pools using (pool_id)

order by pool_id
