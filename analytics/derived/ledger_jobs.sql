-- The eligible jobs of some pools as the matching reads them: sorted, without nulls.
-- Grain: one row a job. Unit: microseconds; -1 where it is unknown.
-- Definition: docs/metrics/evidence.md, miss_reason.md
select
    job_id,
    pool_id,
    request_us,
    coalesce(start_us, request_us) as start_us,
    coalesce(release_us, $never) as release_us,
    coalesce(keep_alive_period_s * 1000000, -1)::bigint as keep_alive_us,
    coalesce(round(retained_s * 1000000), -1)::bigint as retained_us,
    coalesce(round(provisioning_s * 1000000), -1)::bigint as provisioning_us,
    coalesce(reused_job_id, -1) as reused_job_id,
    reused_release_us is not null as has_reused_release,
    coalesce(request_us - reused_release_us, 0) as reused_gap_us,
    coalesce(keep_alive_period_s > 0, false)
        and (
            has_quota_message
            or coalesce(
                -- an export does not say what became of the cluster
                retained_s = 0 and coalesce(warm_pool_status, 'Terminated') = 'Terminated', false
            )
        ) as was_refused,
    reused_by_job_name is not null as is_taken,
    coalesce(keep_alive_period_s > 0, false)
        and reused_by_job_name is null
        and coalesce(warm_pool_status, '') <> 'Terminated'
        and not was_refused as can_donate

from recomputed_jobs

inner join recomputed_pools using (account_id, region, pool_key)

where recomputed_pools.chunk = $chunk and recomputed_jobs.eligibility = 'eligible'

order by pool_id, request_us, job_name
