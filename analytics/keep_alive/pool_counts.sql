-- How many eligible jobs each pool has.
-- Grain: one row a pool. Unit: counts.
-- Definition: docs/metrics/pool_key.md
select
    pool_id,
    count(*) as job_count

from filtered_jobs

where eligibility = 'eligible' and pool_id is not null

group by pool_id

order by pool_id
