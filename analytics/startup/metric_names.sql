-- The metrics that the algorithms of the jobs write, and the days that jobs were created on.
-- Grain: one row. Unit: days since 1970.
-- Definition: docs/metrics/startup_advice.md
with

days as (

    select
        job_id,
        {created_day} as day

    from filtered_jobs

    where pool_id is not null

)

select
    min(day) as first_day,
    max(day) as last_day,
    count(*) as job_count,
    list_sort(list_distinct(flatten(list(training_jobs.metric_names)))) as metric_names

from days

inner join training_jobs using (job_id)
