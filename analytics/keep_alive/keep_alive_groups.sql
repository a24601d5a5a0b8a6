-- The values of a column, to group jobs by their place; an empty text is unknown.
-- Grain: one row a value. Unit: counts.
-- Definition: docs/metrics/keep_alive_curve.md
select
    coalesce({column}, '') as group_value,
    count(*) as job_count

from filtered_jobs

where eligibility = 'eligible'

group by 1

order by job_count desc, group_value
