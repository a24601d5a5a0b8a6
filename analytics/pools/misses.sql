-- Why eligible jobs missed, and what each reason cost in waiting.
-- Grain: one row a miss reason. Unit: seconds of waiting that a hit would have saved.
-- Definition: docs/metrics/miss_reason.md
select
    miss_reason,
    count(*) as job_count,
    sum(wait_saved_s) as wait_lost_s,
    arg_max(job_name, (created_at, job_name)) as example_job_name,
    median(missed_by_s) as missed_by_p50_s

from filtered_jobs

inner join pool_savings using (pool_id)

where outcome = 'miss'

group by miss_reason

order by wait_lost_s desc, miss_reason
