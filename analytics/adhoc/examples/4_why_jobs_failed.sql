-- Why jobs failed
-- Grain: one row a reason. Unit: jobs.
-- Definition: docs/glossary.md
select
    regexp_extract(failure_reason, '^[A-Za-z]+') as reason,
    count(*) as job_count,
    max(created_at) as last_created_at,
    any_value(failure_reason) as example

from training_jobs

where failure_reason is not null
group by reason
order by job_count desc
