-- The jobs of the queues in scope: when each was active, and what it asked for.
-- Grain: one row a job of a queue. Unit: microseconds, instances.
-- Definition: docs/metrics/waiting_instance_h.md
create or replace temp table share_jobs as
select
    coalesce(queue_name, '') as queue,
    coalesce(share_name, '') as share,
    share_kind,
    service_job_no,
    job_id,
    instance_type,
    instance_count,
    accelerator_count,
    capacity_instance_count,
    input_seq,
    epoch_us(created_at) as created_us,
    epoch_us(least(created_at, started_at)) as begin_us,
    epoch_us(started_at) as start_us,
    epoch_us(ended_at) as end_us,
    lower(status) in ({alive}) as is_alive,
    lower(status) in ({over}) as is_over

from queue_jobs

where {in_scope}
