-- Ledger entries of the recomputed jobs; the matching adds those of pools (ledger.py).
-- Grain: one row an eligible job. Unit: seconds.
-- Definition: docs/metrics/evidence.md, miss_reason.md, gap_s.md
create or replace temp table ledger as
select
    job_id,
    'confirmed' as evidence,
    null::varchar as miss_reason,
    null::boolean as has_predecessor,
    reused_job_id as nearest_job_id,
    (request_us - reused_release_us) / 1e6 as gap_s,
    null::double as missed_by_s,
    null::double as unlimited_gap_s,
    null::double as unlimited_idle_s,
    null::bigint as unlimited_donor_job_id,
    false as is_releasing

from recomputed_jobs

-- AWS names it, but its record does not show its pool
where eligibility = 'eligible' and pool_key is null
