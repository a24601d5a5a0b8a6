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
        keep_alive_period_s * 1000000,
        coalesce(round(retained_s * 1000000)::bigint, keep_alive_period_s * 1000000)
    ) as gone_us

from {job_facts}

where
    is_releasing
    and keep_alive_period_s > 0
    and coalesce(retained_s, 1) > 0
    and not has_quota_message
    and pool_id in (select pool_id from {pools} where role_arn is not null)
