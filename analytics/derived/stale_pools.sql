-- Pools whose ledger may have changed: those that a stale or linked job is in, was in, or joins.
-- Grain: one row a pool; pool_id is empty for a new one. Unit: none. keyed_jobs: the stale jobs.
-- Definition: docs/architecture.md
create or replace temp table stale_pools as
with

found as (

    select account_id, region, pool_key

    from keyed_jobs

    where pool_key is not null

    union

    select account_id, region, pool_key

    from {job_facts}

    where
        pool_key is not null
        and job_id in (select job_id from stale_jobs union select job_id from linked_jobs)

)

select found.*, {pools}.pool_id

from found

left join {pools} using (account_id, region, pool_key)
