-- The queues of the jobs, and what they say of their shares.
-- Grain: one row per queue; an empty queue name is that of jobs without one. Unit: seconds.
-- Definition: docs/metrics/queue_wait_s.md
select
    queue_name,
    count(*) as job_count,
    count(distinct share_name) as share_count,
    count(*) filter (where share_kind = 'quota') as quota_job_count,
    count(*) filter (where share_kind = 'fair_share') as fair_share_job_count,
    coalesce(sum(preempted_attempt_count), 0)::bigint as preempted_attempt_count,
    min(created_at) as first_created_at,
    max(created_at) as last_created_at,
    quantile_cont(queue_wait_s, 0.9) as queue_wait_p90_s

from filtered_queue_jobs

group by queue_name
order by job_count desc, queue_name
