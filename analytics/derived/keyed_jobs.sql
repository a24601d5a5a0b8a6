-- The jobs in scope with the key of their pool; empty where the record does not show it.
-- Grain: one row a job of job_scope. Unit: as suffixed.
-- Definition: docs/metrics/pool_key.md
create or replace temp view keyed_jobs as
select
    job.* exclude (pool_key),
    job.pool_key as own_pool_key,
    coalesce(
        {shown_key},
        case when
            len(instance_groups) = 1
            -- an export of another scheduler has no role: the rest of the key is what there is
            and (role_arn is not null or record_kind = 'export')
            and instance_groups[1].instance_type is not null
            and instance_groups[1].instance_count is not null
            then left(md5(concat_ws(
                chr(31),
                account_id,
                region,
                coalesce(role_arn, ''),
                instance_groups[1].instance_count,
                instance_groups[1].instance_type,
                coalesce(volume_kms_key_id, ''),
                coalesce(volume_size_gib::varchar, ''),
                coalesce(nullif(list_sort(list_distinct(security_group_ids))::varchar, '[]'), ''),
                coalesce(nullif(list_sort(list_distinct(subnets))::varchar, '[]'), ''),
                coalesce(has_inter_container_encryption, false),
                coalesce(has_network_isolation, false)
            )), 16)
        end
    ) as pool_key

from job_scope as job

left join shared_keys on job.pool_key = shared_keys.own_pool_key
