-- The jobs of a queue as a replay takes them, in the order of requests.
-- Grain: one row a job. Unit: microseconds since 1970, instances, accelerators; -1 or NaN: unknown.
-- Definition: docs/metrics/share_replay.md
with

-- a job that failed and was tried again runs as long as its attempts together; what preemption cut
-- off is no part of it, unless there is nothing else
attempts as (

    select
        service_job_no,
        coalesce(
            sum(epoch_us(released_at) - epoch_us(allocated_at)) filter (not is_preempted),
            max_by(
                epoch_us(released_at) - epoch_us(allocated_at), attempt_no
            ) filter (released_at is not null)
        )::bigint as attempts_us,
        max(epoch_us(allocated_at)) filter (released_at is null) as open_us

    from allocations

    where service_job_no is not null

    group by service_job_no

),

retries as (

    select service_job_no, preemption_retry_count from service_jobs

)

select
    job_name,
    coalesce(queue_name, '') as queue_name,
    coalesce(share_name, '') as share_name,
    coalesce(scheduling_priority, 0) as scheduling_priority,
    epoch_us(created_at) as created_us,
    -- one that started sooner contradicts itself
    epoch_us(case
        when eligible_at between created_at and coalesce(started_at, eligible_at) then eligible_at
        else created_at
    end) as eligible_us,
    coalesce(epoch_us(started_at), -1) as started_us,
    coalesce(epoch_us(ended_at), -1) as ended_us,
    case when attempt_count > 1 then coalesce(attempts_us, -1) else -1 end as attempts_us,
    coalesce(open_us, -1) as open_us,
    service_job_no is null or open_us is not null as is_held,
    coalesce(preemption_retry_count, -1) as preemption_retry_count,
    coalesce(service_job_no, -1) as service_job_no,
    coalesce(queue_wait_s, 'nan'::double) as queue_wait_s,
    coalesce(instance_count::double, 'nan'::double) as instance_count,
    coalesce(accelerator_count::double, 'nan'::double) as accelerator_count,
    coalesce(lower(status) in ('completed', 'failed', 'stopped', 'succeeded'), false) as is_over

from filtered_queue_jobs

left join attempts using (service_job_no)

left join retries using (service_job_no)

order by
    created_at,
    input_seq nulls last,
    job_name,
    account_id,
    region,
    service_job_no
