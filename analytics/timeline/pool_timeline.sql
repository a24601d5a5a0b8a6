-- The jobs of one pool that request and release clusters, as recorded, and their matches.
-- Grain: one row an eligible job, in the order of requests. Unit: microseconds; -1 is unknown or none.
-- Definition: docs/metrics/keep_alive_curve.md, docs/metrics/evidence.md, docs/metrics/miss_reason.md
with

counted as (

    select job_id from filtered_jobs

)

select
    job_id,
    job_name,
    counted.job_id is not null as is_counted,
    epoch_us(request_at) as request_us,
    coalesce(epoch_us(training_started_at), -1) as start_us,
    coalesce(epoch_us(created_at) + round(startup_latency_s * 1e6)::bigint, -1) as trained_us,
    coalesce(epoch_us(release_at), $never) as release_us,
    coalesce(round(retained_s * 1e6)::bigint, -1) as retained_us,
    coalesce(keep_alive_period_s * 1000000, -1) as keep_alive_us,
    coalesce(warm_pool_status, '') as warm_pool_status,
    outcome = 'hit' as is_hit,
    evidence,
    miss_reason,
    missed_by_s,
    coalesce(donor_job_id, -1) as donor_job_id,
    donor_job_name,
    missed_donor_job_name,
    differing_fields,
    coalesce(has_predecessor, false) as has_predecessor,
    coalesce(round(unlimited_gap_s * 1e6)::bigint, -1) as kept_gap_us,
    coalesce(round(unlimited_idle_s * 1e6)::bigint, -1) as kept_idle_us,
    coalesce(unlimited_donor_job_id, -1) as unlimited_donor_job_id,
    retained_s,
    retained_cost_usd,
    usd_per_h,
    pool_savings.wait_saved_per_hit_s as wait_saved_s

from job_facts

left join counted using (job_id)

left join pool_savings using (pool_id)

where
    eligibility = 'eligible'
    and pool_key = $pool_key
    -- no chain of reuse that reaches into the span is longer than AWS allows
    and ($until::timestamptz is null or request_at < $until::timestamptz + to_seconds($near_s))
    and (
        $since::timestamptz is null
        or coalesce(release_at, 'infinity'::timestamptz)
            >= $since::timestamptz - to_seconds($near_s)
    )

order by request_us, job_name, job_id
