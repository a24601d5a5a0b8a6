-- Adds to stale_jobs those whose own key is told apart by its place now, or no longer.
-- Grain: one row a job of the keys that stale jobs have or had. Unit: none.
-- Definition: docs/metrics/pool_key.md
insert into stale_jobs
with

touched as (

    select pool_key as own_pool_key

    from training_jobs

    where pool_key is not null and job_id in (select job_id from stale_jobs)

    union

    select split_part(pool_key, ' · ', 1)

    from {job_facts}

    where pool_key is not null and job_id in (select job_id from stale_jobs)

),

keyed as (

    select
        job.job_id,
        {shown_key} as pool_key

    from training_jobs as job

    left join shared_keys on job.pool_key = shared_keys.own_pool_key

    where job.pool_key in (select own_pool_key from touched)

)

select fact.job_id

from {job_facts} as fact

inner join keyed using (job_id)

where
    fact.pool_key is distinct from keyed.pool_key
    and fact.job_id not in (select job_id from stale_jobs)
