-- Why eligible jobs missed, and the avoidable wait time of each reason.
-- Grain: one row a miss reason. Unit: counts; seconds that hits would have saved.
-- Definition: docs/metrics/miss_reason.md
select
    reasons.miss_reason,
    job_count,
    wait_lost_s,
    job_name as example_job_name,
    missed_by_p50_s

from (
    select
        miss_reason,
        count(*) as job_count,
        sum(wait_saved_per_hit_s) as wait_lost_s,
        arg_max(job_id, created_at) as example_job_id,
        median(missed_by_s) as missed_by_p50_s

    from filtered_jobs

    inner join pool_savings using (pool_id)

    where outcome = 'miss'

    group by miss_reason
) as reasons

inner join job_facts on reasons.example_job_id = job_facts.job_id

order by wait_lost_s desc, reasons.miss_reason
