-- What job_facts said of the recomputed jobs before.
-- Grain: one row a job of stale_scope that was known. Unit: as suffixed.
-- Definition: docs/architecture.md
create or replace temp table previous_rows as
select
    job_id,
    account_id,
    region,
    job_name,
    pool_id,
    eligibility,
    instance_type,
    input_mode,
    donor_job_id

from {job_facts}

semi join stale_scope using (job_id)
