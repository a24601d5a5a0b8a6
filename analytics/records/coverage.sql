-- What is present of each kind of record, from when to when, with which gaps, and how much was sampled.
-- Grain: one row an account, region and source; or a source. Unit: UTC instants, days, minutes of jobs, ratio 0 to 1.
-- Definition: docs/metrics/coverage.md
with

-- one row an account, region, source and day; samples are counted where they are read
days as (

    select
        'jobs' as kind,
        record_kind as source,
        {account_id} as account_id,
        {region} as region,
        {created_date} as record_date,
        count(*) as record_count,
        min(created_at) as first_record_at,
        max(created_at) as last_record_at,
        max(fetched_at) as last_read_at,
        count(*) filter (status_transitions is not null) as with_transitions_count,
        count(*) filter (instance_groups is not null) as with_resources_count,
        count(*) as judged_count

    from training_jobs

    group by all

    union all by name

    select
        kind,
        kind as source,
        {account_id} as account_id,
        {region} as region,
        {record_date} as record_date,
        count(*) as record_count,
        min(record_at) as first_record_at,
        max(record_at) as last_record_at,
        max(read_at) as last_read_at

    from (
        {records}
    )

    group by all

    union all by name

    {metric_days}

),

spaced as (

    select
        *,
        record_date - lag(record_date) over (
            partition by kind, source, account_id, region order by record_date
        ) - 1 as empty_days

    from days

),

sources as (

    select
        kind,
        source,
        account_id,
        region,
        sum(record_count)::bigint as record_count,
        min(first_record_at) as first_record_at,
        max(last_record_at) as last_record_at,
        max(last_read_at) as last_read_at,
        nullif(count(record_date), 0) as day_count,
        case when count(record_date) > 0 then coalesce(sum(empty_days), 0)::bigint end
            as empty_day_count,
        case when count(record_date) > 0 then coalesce(max(empty_days), 0)::bigint end
            as longest_gap_days,
        sum(with_transitions_count) / nullif(sum(judged_count), 0) as with_transitions_ratio,
        sum(with_resources_count) / nullif(sum(judged_count), 0) as with_resources_ratio

    from spaced

    group by all

),

-- what was found to be as it was before has been read all the same
synced as (

    select
        case split_part(split_part(sync_source, '/', 1), '.', 1)
            when 'training_jobs' then 'jobs'
            else split_part(split_part(sync_source, '/', 1), '.', 1) end as kind,
        {account_id} as account_id,
        {region} as region,
        max(read_at) as synced_at

    from sync_watermarks

    group by all

),

-- minutes in which jobs ran, and those with a sample of any metric on any host
ran as (

    select
        job_id,
        lower(job_name) as job_name,
        account_id,
        region,
        record_kind,
        epoch_us(training_started_at) // 60000000 as first_minute_no,
        (epoch_us(training_ended_at) - 1) // 60000000 as last_minute_no,
        min((account_id, region)) over same_name = max((account_id, region)) over same_name
            as is_only_of_name

    from training_jobs

    where {samples_count} and training_ended_at > training_started_at

    window same_name as (partition by lower(training_jobs.job_name))

),

sampled_minutes as (

    select
        job_id,
        count(distinct minute_no) as sampled_minute_count

    from (
        select
            ran.job_id,
            unnest(range(
                greatest(first_minute_no, from_minute_no),
                least(last_minute_no, until_minute_no) + 1
            )) as minute_no
        from ran
        inner join (
            select distinct
                lower(job_name) as job_name,
                account_id,
                region,
                epoch_us(sampled_at) // 60000000 as from_minute_no,
                (epoch_us(sampled_at) + coalesce(nullif(period_s, 0), 60) * 1000000 - 1) // 60000000
                    as until_minute_no
            from metric_samples
            where {samples_count}
        ) as samples on
            ran.job_name = samples.job_name
            and (
                ran.account_id = samples.account_id and ran.region = samples.region
                -- a sample that does not say whose it is
                or is_only_of_name
                and ran.account_id = coalesce(samples.account_id, ran.account_id)
                and ran.region = coalesce(samples.region, ran.region)
            )
            and until_minute_no >= first_minute_no
            and from_minute_no <= last_minute_no
    )

    group by job_id

),

minutes as (

    select
        record_kind as source,
        {account_id} as account_id,
        {region} as region,
        sum(last_minute_no - first_minute_no + 1)::bigint as job_minute_count,
        coalesce(sum(sampled_minute_count), 0)::bigint as sampled_minute_count

    from ran

    left join sampled_minutes using (job_id)

    group by all

)

select
    sources.account_id,
    sources.region,
    sources.source,
    case when sources.kind = 'jobs' then record_count end as job_count,
    case when sources.kind = 'jobs' then first_record_at end as first_created_at,
    case when sources.kind = 'jobs' then last_record_at end as last_created_at,
    day_count,
    empty_day_count,
    longest_gap_days,
    with_transitions_ratio,
    with_resources_ratio,
    sources.kind,
    record_count,
    first_record_at,
    last_record_at,
    job_minute_count,
    sampled_minute_count / job_minute_count as sampled_minute_ratio,
    greatest(last_read_at, synced_at) as last_read_at

from sources

left join synced on
    sources.kind = synced.kind
    and sources.source <> 'export'
    and sources.account_id is not distinct from synced.account_id
    and sources.region is not distinct from synced.region

left join minutes on
    sources.kind = 'jobs'
    and sources.source = minutes.source
    and sources.account_id is not distinct from minutes.account_id
    and sources.region is not distinct from minutes.region

where {of_kind}

order by sources.kind <> 'jobs', sources.kind, sources.source, sources.account_id, sources.region
