-- Jobs that a stale job's ReusedByJob names now, or whose donor a stale job was.
-- Grain: one row a job. job_scope holds the stale jobs. Unit: none.
-- Definition: docs/metrics/evidence.md
create or replace temp table linked_jobs as
select reuser.job_id

from training_jobs as reuser

inner join job_scope as donor on
    reuser.account_id = donor.account_id
    and reuser.region = donor.region
    and reuser.job_name = donor.reused_by_job_name

union

select job_id

from {job_facts}

where donor_job_id in (select job_id from stale_jobs)
