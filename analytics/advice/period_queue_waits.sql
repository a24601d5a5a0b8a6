-- How long jobs waited in queues: the exact P90.
-- Grain: one row. Unit: seconds.
-- Definition: docs/metrics/queue_wait_s.md
select
    count(queue_wait_s) as job_count,
    quantile_cont(queue_wait_s, 0.9) as queue_wait_p90_s

from filtered_queue_jobs
