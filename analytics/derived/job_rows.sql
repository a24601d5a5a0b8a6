-- The recomputed jobs with their ledger entries: every column of job_facts, and what it is based on.
-- Grain: one row a job. Unit: as suffixed.
-- Definition: docs/metrics/evidence.md, miss_reason.md, gap_s.md
create or replace temp view job_rows as
select
    recomputed_jobs.*,
    recomputed_pools.pool_id,
    case when ledger.evidence is not null then 'hit'
        when ledger.miss_reason is not null then 'miss' end as outcome,
    ledger.miss_reason,
    ledger.evidence,
    case when ledger.evidence is not null then 'warm' else 'cold' end as start_kind,
    ledger.has_predecessor,
    case when ledger.evidence is not null then ledger.nearest_job_id end as donor_job_id,
    case when ledger.evidence is not null
        -- a donor of another pool need not be recomputed
        then coalesce(nearest.job_name, recomputed_jobs.reused_job_name) end as donor_job_name,
    case when ledger.evidence is null then nearest.job_name end as missed_donor_job_name,
    ledger.missed_by_s,
    null as differing_fields,
    ledger.gap_s,
    ledger.unlimited_gap_s,
    ledger.unlimited_idle_s,
    ledger.unlimited_donor_job_id,
    coalesce(ledger.is_releasing, false) as is_releasing

from recomputed_jobs

left join recomputed_pools using (account_id, region, pool_key)

left join ledger on recomputed_jobs.job_id = ledger.job_id

left join recomputed_jobs as nearest on ledger.nearest_job_id = nearest.job_id
