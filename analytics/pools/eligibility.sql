-- Which jobs could use a warm pool, and why the others could not.
-- Grain: one row an eligibility. Unit: counts, USD.
-- Definition: docs/metrics/eligibility.md
select
    eligibility,
    count(*) as job_count,
    sum(list_cost_usd) as list_cost_usd,
    arg_max(job_name, (created_at, job_name)) as example_job_name

from filtered_jobs

group by eligibility

order by job_count desc, eligibility
