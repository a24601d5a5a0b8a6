-- What each job's startup latency would be without a warm cluster, and how much a hit would save.
-- Grain: one row an eligible job with a known startup latency. Unit: seconds.
-- Definition: docs/metrics/keep_alive_advice.md
select
    pool_id,
    startup_latency_s + case when start_kind = 'warm' then wait_saved_per_hit_s else 0 end as cold_s,
    wait_saved_per_hit_s as saved_s,
    coalesce(floor(unlimited_gap_s)::bigint, $never) as gap_s

from filtered_jobs

inner join pool_savings using (pool_id)

where eligibility = 'eligible' and startup_latency_s is not null

order by 1, 2, 4
