-- What the wait time that a hit saves is estimated from.
-- Grain: one row a source of the estimate. Unit: counts, seconds.
-- Definition: docs/metrics/wait_saved_s.md
select
    saved_source,
    count(distinct pool_id) as pool_count,
    count(*) as job_count,
    avg(wait_saved_per_hit_s) as wait_saved_mean_s,
    avg(billed_saved_per_hit_s) as billed_saved_mean_s

from filtered_jobs

inner join pool_savings using (pool_id)

where eligibility = 'eligible'

group by saved_source

order by saved_source
