-- Which cluster a job in scope reused, as AWS names it: in the donor's ReusedByJob.
-- Grain: one row a job of job_scope that is named. Unit: microseconds since 1970.
-- Definition: docs/metrics/evidence.md. Of several donors, the last to end counts.
create or replace temp table confirmed_reuse as
with

donors as materialized (

    select
        job_id as donor_job_id,
        job_name as donor_job_name,
        account_id,
        region,
        created_at,
        training_ended_at,
        lower(reused_by_job_name) as reuser_name

    from training_jobs

    where
        reused_by_job_name is not null
        and lower(reused_by_job_name) in (select lower(job_name) from job_scope)

),

links as (

    select
        donor.donor_job_id,
        donor.donor_job_name,
        donor.training_ended_at,
        reuser.job_id

    from donors as donor

    inner join training_jobs as reuser on
        donor.account_id = reuser.account_id
        and donor.region = reuser.region
        and donor.reuser_name = lower(reuser.job_name)

    -- of several jobs of that name, the one that was created when the donor ended
    qualify row_number() over (
        partition by donor.donor_job_id
        order by
            abs(epoch_us(reuser.created_at)
                - epoch_us(coalesce(donor.training_ended_at, donor.created_at))),
            reuser.job_id
    ) = 1

)

select
    links.job_id,
    links.donor_job_id,
    links.donor_job_name,
    epoch_us(links.training_ended_at) as release_us

from links

semi join job_scope using (job_id)

qualify row_number() over (
    partition by links.job_id
    order by links.training_ended_at desc nulls last, links.donor_job_name
) = 1
