-- The queues whose hours are out of date: those of stale jobs, before and now, and those named.
-- Grain: one row a queue. Unit: none.
-- Definition: docs/architecture.md
create or replace temp table stale_queue_names as
with

jobs as (

    select before.queue_name, before.share_name is not null as is_queued

    from {job_facts} as before

    semi join stale_jobs using (job_id)

    union all

    select queue_name, share_name is not null or record_kind = 'export'

    from training_jobs

    semi join stale_jobs using (job_id)

    union all

    select service_jobs.queue_name, true

    from service_job_attempts

    inner join service_jobs using (service_job_no)

    inner join training_jobs on
        lower(service_job_attempts.training_job_arn) = lower(training_jobs.job_arn)

    semi join stale_jobs on training_jobs.job_id = stale_jobs.job_id

)

select distinct coalesce(queue_name, '') as queue

from jobs

-- plain training jobs are of no queue; an export's that was taken back may have been of none
where queue_name is not null
    or is_queued
    or exists (from {share_hours} where queue_name is null)

union

select coalesce(queue_name, '')

from stale_queues
