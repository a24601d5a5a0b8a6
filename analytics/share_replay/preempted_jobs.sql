-- The jobs that lost an attempt to preemption.
-- Grain: one row per job. Unit: none.
-- Definition: docs/metrics/is_explained.md
select job_name

from filtered_queue_jobs

where preempted_attempt_count > 0 and job_name is not null
