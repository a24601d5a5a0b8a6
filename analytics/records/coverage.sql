-- What the records cover, and the longest stretch without any jobs.
-- Grain: one row a kind of record; of training jobs, of answer. Unit: UTC instants, days.
-- Definition: docs/metrics/coverage.md
with

moments as (

    select
        'jobs' as kind,
        record_kind as source,
        {created_date} as created_date,
        created_at,
        status_transitions is not null as has_transitions,
        instance_groups is not null as has_resources

    from training_jobs

    union all

    select 'service_jobs', 'service_jobs', {created_date}, created_at, null, null
    from service_jobs

),

days as (

    select
        kind,
        source,
        created_date,
        count(*) as job_count,
        min(created_at) as first_created_at,
        max(created_at) as last_created_at,
        count(*) filter (has_transitions) as with_transitions_count,
        count(*) filter (has_resources) as with_resources_count,
        count(has_transitions) as judged_count

    from moments

    group by all

),

spaced as (

    select
        *,
        created_date - lag(created_date) over (
            partition by kind, source order by created_date
        ) - 1 as empty_days

    from days

),

jobs as (

    select
        kind,
        source,
        sum(job_count)::bigint as record_count,
        min(first_created_at) as first_record_at,
        max(last_created_at) as last_record_at,
        count(*) as day_count,
        coalesce(sum(empty_days), 0)::bigint as empty_day_count,
        coalesce(max(empty_days), 0)::bigint as longest_gap_days,
        sum(with_transitions_count) / nullif(sum(judged_count), 0) as with_transitions_ratio,
        sum(with_resources_count) / nullif(sum(judged_count), 0) as with_resources_ratio

    from spaced

    group by kind, source

),

-- samples are counted by their parts: there may be very many
others as (

    select
        'metrics' as kind,
        sum(part_row_count)::bigint as record_count,
        min(first_record_at) as first_record_at,
        max(last_record_at) as last_record_at
    from part_files
    where table_name = 'metric_samples'

    union all

    select 'job_queues', count(*), min(observed_at), max(observed_at) from job_queue_records

    union all

    select 'service_environments', count(*), min(observed_at), max(observed_at)
    from service_environment_records

    union all

    select 'scheduling_policies', count(*), min(observed_at), max(observed_at)
    from scheduling_policy_records

    union all

    select 'quota_shares', count(*), min(observed_at), max(observed_at)
    from quota_share_records

    union all

    select 'queue_snapshots', count(*), min(observed_at), max(observed_at)
    from queue_snapshot_records

    union all

    select 'service_quotas', count(*), min(observed_at), max(observed_at)
    from service_quota_records

    union all

    select 'capacity', count(*), min(observed_at), max(observed_at) from capacity_records

    union all

    select 'benchmark_runs', count(*), min(ran_at), max(ran_at) from benchmark_runs

),

everything as (

    select * from jobs

    union all by name

    select *, kind as source from others where record_count > 0

)

select
    source,
    case when kind = 'jobs' then record_count end as job_count,
    case when kind = 'jobs' then first_record_at end as first_created_at,
    case when kind = 'jobs' then last_record_at end as last_created_at,
    day_count,
    empty_day_count,
    longest_gap_days,
    with_transitions_ratio,
    with_resources_ratio,
    kind,
    record_count,
    first_record_at,
    last_record_at

from everything

where {of_kind}

order by kind <> 'jobs', kind, source
