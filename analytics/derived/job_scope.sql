-- The records of the jobs that are recomputed.
-- Grain: one row a job. Unit: as suffixed.
-- Definition: docs/architecture.md
create or replace temp {table_or_view} job_scope as
select * exclude (input_channels, final_metrics, tags, failure_reason, image_uri)

from training_jobs

where {is_in_scope}
