-- The newest job
-- Grain: one row a status. Unit: seconds.
-- Definition: docs/glossary.md
select
    job_name,
    secondary_status,
    started_at,
    epoch(ended_at - started_at) as duration_s,
    status_message

from status_transitions

where job_id = (
    select arg_max(job_id, created_at) from training_jobs where len(status_transitions) > 0
)
order by started_at
