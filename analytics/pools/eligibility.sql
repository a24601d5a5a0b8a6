-- Which jobs could use a warm pool, and why the others could not.
-- Grain: one row an eligibility. Unit: counts, USD.
-- Definition: docs/metrics/eligibility.md
select
    counts.eligibility,
    counts.job_count,
    counts.list_cost_usd,
    job_facts.job_name as example_job_name

from (
    select
        eligibility,
        count(*) as job_count,
        sum(list_cost_usd) as list_cost_usd,
        arg_max(job_id, created_at) as example_job_id

    from filtered_jobs

    group by eligibility
) as counts

inner join job_facts on counts.example_job_id = job_facts.job_id

order by counts.job_count desc, counts.eligibility
