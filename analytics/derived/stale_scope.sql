-- The jobs that are recomputed: the stale and linked ones, and all other jobs of their pools.
-- Grain: one row a job; those that were withdrawn are among them. Unit: none.
-- Definition: docs/architecture.md
create or replace temp table stale_scope as
select job_id

from {job_facts}

semi join stale_pools using (pool_id)

union

select job_id from linked_jobs

union

select job_id from stale_jobs
