-- Which cluster a job in scope reused, as AWS names it: in the donor's ReusedByJob.
-- Grain: one row a job of job_scope that is named. Unit: microseconds since 1970.
-- Definition: docs/metrics/evidence.md. Of several donors, the last to end counts.
create or replace temp table confirmed_reuse as
select
    reuser.job_id,
    donor.job_id as donor_job_id,
    donor.job_name as donor_job_name,
    epoch_us(donor.training_ended_at) as release_us

from training_jobs as donor

inner join job_scope as reuser on
    donor.account_id = reuser.account_id
    and donor.region = reuser.region
    and donor.reused_by_job_name = reuser.job_name

where donor.reused_by_job_name is not null

qualify row_number() over (
    partition by reuser.job_id
    order by donor.training_ended_at desc nulls last, donor.job_name
) = 1
