-- What the records cover, and the longest stretch without any.
-- Grain: one row a kind of record. Unit: UTC instants, days.
-- Definition: docs/metrics/coverage.md
with

days as (

    select
        record_kind,
        {created_date} as created_date,
        count(*) as job_count,
        min(created_at) as first_created_at,
        max(created_at) as last_created_at,
        count(*) filter (status_transitions is not null) as with_transitions_count,
        count(*) filter (instance_groups is not null) as with_resources_count

    from training_jobs

    group by all

),

spaced as (

    select
        *,
        created_date - lag(created_date) over (
            partition by record_kind order by created_date
        ) - 1 as empty_days

    from days

)

select
    record_kind as source,
    sum(job_count)::bigint as job_count,
    min(first_created_at) as first_created_at,
    max(last_created_at) as last_created_at,
    count(*) as day_count,
    coalesce(sum(empty_days), 0)::bigint as empty_day_count,
    coalesce(max(empty_days), 0)::bigint as longest_gap_days,
    sum(with_transitions_count) / sum(job_count) as with_transitions_ratio,
    sum(with_resources_count) / sum(job_count) as with_resources_ratio

from spaced

group by record_kind

order by record_kind
