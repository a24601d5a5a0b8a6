-- The part in which each job is derived when all are: a pool lies within one part.
-- Grain: one row a training job. Unit: none.
-- Definition: docs/architecture.md
create table {job_parts} as
select
    job_id,
    (hash(account_id, region, coalesce(pool_key, job_name)) % $part_count)::integer as part

from keyed_jobs
