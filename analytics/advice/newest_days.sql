-- How far the jobs reach, for the period to look at and the one before it.
-- Grain: one row. Unit: instants, UTC.
-- Definition: docs/metrics/period_changes.md
select
    min(created_at) as first_at,
    max(created_at) as last_at

from filtered_jobs
