-- Attempts of service jobs: each ran as a training job of its own.
-- Grain: one row an attempt. Unit: UTC instants.
-- Definition: docs/exporting.md
select
    job.service_job_name,
    job.service_job_id,
    job.queue_name,
    job.share_name,
    attempt.position,
    attempt.training_job_arn,
    attempt.started_at,
    attempt.ended_at,
    attempt.status_reason,
    attempt.is_preempted

from filtered_service_jobs as job

inner join service_job_attempts as attempt using (service_job_no)

order by job.created_at, job.account_id, job.region, job.service_job_id, attempt.position
