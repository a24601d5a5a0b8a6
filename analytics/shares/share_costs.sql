-- What shares cost at list prices: the training jobs of all attempts, and what was lost.
-- Grain: one row per (queue, share). Unit: USD.
-- Definition: docs/metrics/lost_to_preemption_usd.md, list_cost_usd.md
with

jobs as (

    select
        queue_name,
        share_name,
        service_job_no,
        case when service_job_no is null and started_at is not null then job_id end as job_id,
        lower(status) in ('failed', 'stopped') as is_failed

    from filtered_queue_jobs

),

attempts as (

    select
        jobs.queue_name,
        jobs.share_name,
        jobs.is_failed,
        held.is_preempted,
        held.list_cost_usd

    from jobs

    inner join allocations as held on jobs.service_job_no = held.service_job_no

    union all

    -- a job that no service job stands for is its own attempt
    select
        jobs.queue_name,
        jobs.share_name,
        jobs.is_failed,
        false,
        job_facts.list_cost_usd

    from jobs

    inner join job_facts using (job_id)

),

job_sums as (

    select
        queue_name,
        share_name,
        count(*) as job_count,
        count(*) filter (is_failed) as failed_job_count

    from jobs

    group by all

),

attempt_sums as (

    select
        queue_name,
        share_name,
        count(*) as attempt_count,
        sum(list_cost_usd) as list_cost_usd,
        coalesce(sum(list_cost_usd) filter (is_preempted), case when
            count(*) filter (is_preempted) = 0 and count(list_cost_usd) > 0 then 0 end
        ) as lost_to_preemption_usd,
        count(*) filter (is_preempted) as preempted_attempt_count,
        coalesce(sum(list_cost_usd) filter (is_failed), case when
            count(*) filter (is_failed) = 0 and count(list_cost_usd) > 0 then 0 end
        ) as failed_usd,
        count(*) filter (list_cost_usd is null) as unknown_cost_attempt_count

    from attempts

    group by all

)

select
    job_sums.queue_name,
    job_sums.share_name,
    job_sums.job_count,
    coalesce(attempt_sums.attempt_count, 0) as attempt_count,
    attempt_sums.list_cost_usd,
    attempt_sums.lost_to_preemption_usd,
    coalesce(attempt_sums.preempted_attempt_count, 0) as preempted_attempt_count,
    job_sums.failed_job_count,
    attempt_sums.failed_usd,
    coalesce(attempt_sums.unknown_cost_attempt_count, 0) as unknown_cost_attempt_count

from job_sums

left join attempt_sums on
    job_sums.queue_name is not distinct from attempt_sums.queue_name
    and job_sums.share_name is not distinct from attempt_sums.share_name

order by list_cost_usd desc nulls last, queue_name, share_name
