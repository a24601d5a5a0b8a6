-- The pools of the recomputed jobs, numbered: a pool that is known keeps its number.
-- Grain: one row a pool of recomputed_jobs. Unit: as suffixed; chunk counts some pools at a time.
-- Definition: docs/metrics/pool_key.md
create or replace temp table recomputed_pools as
with

found as (

    select
        account_id,
        region,
        pool_key,
        -- the jobs of a pool agree in these, but for an export's own keys: there the newest counts
        max(role_arn) filter (not is_own_key) as role_arn,
        arg_max(instance_count, (created_at, job_name)) as instance_count,
        arg_max(instance_type, (created_at, job_name)) as instance_type,
        arg_max(job_name, (created_at, job_name)) as newest_job_name,
        max(volume_kms_key_id) filter (not is_own_key) as volume_kms_key_id,
        max(volume_size_gib) filter (not is_own_key) as volume_size_gib,
        max(security_group_ids) filter (not is_own_key) as security_group_ids,
        max(subnets) filter (not is_own_key) as subnets,
        max(has_inter_container_encryption) filter (not is_own_key)
            as has_inter_container_encryption,
        max(has_network_isolation) filter (not is_own_key) as has_network_isolation,
        count(*) filter (eligibility = 'eligible') as eligible_count

    from recomputed_jobs

    where pool_key is not null

    group by account_id, region, pool_key

),

numbered as (

    select
        found.*,
        coalesce(
            known.pool_id,
            (select coalesce(max(pool_id), 0) from {pools}) + row_number() over (
                partition by known.pool_id is null
                order by found.account_id, found.region, found.pool_key
            )
        )::integer as pool_id

    from found

    left join {pools} as known using (account_id, region, pool_key)

)

select
    *,
    -- usual job name, else the key, and the cluster: what a person can tell a pool by
    coalesce(
        nullif(regexp_replace(newest_job_name, '[-_]?[0-9][0-9a-zA-Z-]*$', ''), ''), pool_key
    ) || coalesce(' · ' || instance_type || ' x ' || instance_count, '') as pool_label,
    (sum(eligible_count) over (order by pool_id) - eligible_count) // $chunk_jobs as chunk

from numbered
