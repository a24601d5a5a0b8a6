-- How long jobs waited in their queue, by share and priority: exact quantiles.
-- Grain: one row per (queue, share, priority). Unit: seconds.
-- Definition: docs/metrics/queue_wait_s.md
with

waits as (

    select
        queue_name,
        share_name,
        {priority} as scheduling_priority,
        count(queue_wait_s) as job_count,
        quantile_cont(queue_wait_s, [0.5, 0.9, 0.99]) as quantiles_s,
        avg(queue_wait_s) as queue_wait_mean_s,
        count(*) filter (
            started_at is null
            and lower(status) in ('submitted', 'pending', 'runnable', 'inprogress')
        ) as waiting_job_count

    from filtered_queue_jobs

    group by all

)

select
    queue_name,
    share_name,
    scheduling_priority,
    job_count,
    case when job_count >= $least_job_count then quantiles_s[1] end as queue_wait_p50_s,
    case when job_count >= $least_job_count then quantiles_s[2] end as queue_wait_p90_s,
    case when job_count >= $least_job_count then quantiles_s[3] end as queue_wait_p99_s,
    queue_wait_mean_s,
    waiting_job_count

from waits

order by queue_name, share_name, scheduling_priority desc nulls last
