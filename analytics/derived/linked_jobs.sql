-- Jobs that a stale job's ReusedByJob names now, or whose donor a stale job was.
-- Grain: one row a job. job_scope holds the stale jobs. Unit: none.
-- Definition: docs/metrics/evidence.md
create or replace temp table linked_jobs as
select reuser.job_id

from training_jobs as reuser

inner join job_scope as donor on
    reuser.account_id = donor.account_id
    and reuser.region = donor.region
    and lower(reuser.job_name) = lower(donor.reused_by_job_name)

union

-- of several jobs of one name, one is the reuser: which, a stale one may change
select other.job_id

from training_jobs as other

inner join job_scope as stale on
    other.account_id = stale.account_id
    and other.region = stale.region
    and lower(other.job_name) = lower(stale.job_name)
    and other.job_id <> stale.job_id

where lower(stale.job_name) in (
    select lower(reused_by_job_name) from training_jobs where reused_by_job_name is not null
)

union

select job_id

from {job_facts}

where donor_job_id in (select job_id from stale_jobs)
