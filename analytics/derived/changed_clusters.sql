-- Jobs whose clusters may be free at other times than before: recomputed ones, and donors of those.
-- Grain: one row a job, those that were withdrawn among them. Unit: none.
-- Definition: docs/metrics/miss_reason.md
create or replace temp table changed_clusters as
with

donors as (

    select donor_job_id from previous_rows where donor_job_id is not null

    union

    select donor_job_id

    from {job_facts}

    semi join stale_scope using (job_id)

    where donor_job_id is not null

)

select job_id, account_id, region, job_name from previous_rows

union

select job_id, account_id, region, job_name

from {job_facts}

where job_id in (from donors union from stale_scope)
