-- When clusters were free at most: from the end of their job until they expired or AWS ended them.
-- Grain: one row a job that left a kept cluster, of pools with keys known field by field.
-- Unit: microseconds since 1970.
-- Definition: docs/metrics/miss_reason.md
create or replace temp view kept_clusters as
select
    job_id,
    pool_id,
    account_id,
    region,
    job_name,
    epoch_us(release_at) as release_us,
    release_us + least(
        -- a period that reads 0 beside retained time was set by hand, to end the cluster
        coalesce(nullif(keep_alive_period_s * 1000000, 0), round(retained_s * 1000000)::bigint),
        coalesce(round(retained_s * 1000000)::bigint, keep_alive_period_s * 1000000)
    ) as gone_us

from {job_facts}

where
    is_releasing
    and (keep_alive_period_s > 0 and coalesce(retained_s, 1) > 0 or retained_s > 0)
    and keep_alive_period_s is not null
    and not has_quota_message
    -- taken, by a job that is not in the records
    and job_id not in (
        select job_id
        from training_jobs
        where reused_by_job_name is not null
            and job_id not in (
                select donor_job_id from {job_facts} where donor_job_id is not null
            )
    )
    and pool_id in (select pool_id from {pools} where role_arn is not null)
