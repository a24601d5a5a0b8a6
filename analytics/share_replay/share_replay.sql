-- The jobs of a queue as a replay takes them, in the order of requests.
-- Grain: one row a job. Unit: microseconds since 1970, instances, accelerators; -1 or NaN: unknown.
-- Definition: docs/metrics/share_replay.md
with

-- a job of several attempts runs as long as its last one
last_attempts as (

    select
        service_job_no,
        max_by(
            epoch_us(released_at) - epoch_us(allocated_at), attempt_no
        ) filter (released_at is not null) as run_us

    from allocations

    where service_job_no is not null

    group by service_job_no

)

select
    job_name,
    coalesce(queue_name, '') as queue_name,
    coalesce(share_name, '') as share_name,
    coalesce(scheduling_priority, 0) as scheduling_priority,
    epoch_us(created_at) as created_us,
    coalesce(epoch_us(started_at), -1) as started_us,
    coalesce(epoch_us(ended_at), -1) as ended_us,
    case when attempt_count > 1 then coalesce(last_attempts.run_us, -1) else -1 end as last_run_us,
    coalesce(queue_wait_s, 'nan'::double) as queue_wait_s,
    coalesce(instance_count::double, 'nan'::double) as instance_count,
    coalesce(accelerator_count::double, 'nan'::double) as accelerator_count,
    coalesce(lower(status) in ('completed', 'failed', 'stopped', 'succeeded'), false) as is_over

from filtered_queue_jobs

left join last_attempts using (service_job_no)

order by
    created_at,
    input_seq nulls last,
    job_name,
    account_id,
    region,
    service_job_no
