-- Queue, share and user of the service job that a training job in scope is an attempt of.
-- Grain: one row a job of job_scope that is an attempt. Unit: none.
-- Definition: docs/architecture.md
create or replace temp table attempt_shares as
select
    job_scope.job_id,
    any_value(service.queue_name order by service_job_no) as attempt_queue_name,
    any_value(service.share_name order by service_job_no) as attempt_share_name,
    any_value(service.user_name order by service_job_no) as attempt_user_name

from service_job_attempts as attempt

inner join service_jobs as service using (service_job_no)

inner join job_scope on lower(attempt.training_job_arn) = lower(job_scope.job_arn)

group by job_scope.job_id
