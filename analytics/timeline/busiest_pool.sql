-- The pool with the most eligible jobs: what a timeline shows where no pool is named.
-- Grain: at most one row. Unit: counts.
-- Definition: docs/metrics/pool_key.md
select
    pool_key,
    count(*) as job_count

from filtered_jobs

where eligibility = 'eligible' and pool_key is not null

group by pool_key

order by job_count desc, pool_key

limit 1
