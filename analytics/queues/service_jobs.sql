-- Service jobs with their newest status, resources, and the training job of the last attempt.
-- Grain: one row a service job. Unit: as suffixed.
-- Definition: docs/exporting.md
select
    service_job_name,
    service_job_id,
    account_id,
    region,
    queue_name,
    share_name,
    share_kind,
    scheduling_priority,
    status,
    status_reason,
    created_at,
    scheduled_at,
    started_at,
    ended_at,
    case
        when len(instance_groups) = 1 then instance_groups[1].instance_type
        when len(instance_groups) > 1 then 'mixed'
    end as instance_type,
    list_sum(list_transform(instance_groups, lambda member: member.instance_count))::bigint
        as instance_count,
    preempted_attempt_count,
    retry_attempt_count,
    preemption_retry_count,
    is_terminated,
    user_name,
    attempts[-1].training_job_arn as training_job_arn,
    record_kind,
    version_count

from filtered_service_jobs

order by created_at, account_id, region, service_job_id
