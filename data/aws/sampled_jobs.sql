-- Jobs of an account and region whose metrics are not all read, the newest first.
-- Grain: one row a job. Unit: seconds since 1970.
-- Definition: docs/decisions/0033-metric-samples.md
with

jobs as (

    select
        account_id,
        region,
        job_name,
        training_started_at,
        -- of a job that ended in a way that left no time, the last change is the end; no job runs
        -- longer than AWS lets it, whatever its last record says
        coalesce(
            training_ended_at,
            case when status in ('Completed', 'Failed', 'Stopped') then last_modified_at end,
            case when training_started_at + to_seconds($longest_s) < $now
                then training_started_at + to_seconds($longest_s) end
        ) as ended_at,
        metric_names,
        instance_groups,
        coalesce(list_sum(list_transform(
            instance_groups, lambda member: member.instance_count
        )), 0) as instance_count

    from training_jobs

    where
        account_id = $account_id
        and region = $region
        and training_started_at is not null

)

select
    jobs.job_name,
    floor(epoch(training_started_at))::bigint as started_s,
    ceil(epoch(ended_at))::bigint as ended_s,
    -- null: its hosts are unknown
    case when len(list_filter(
        instance_groups, lambda member: member.instance_count is null
    )) = 0 then instance_count::bigint end as instance_count,
    -- of a type that is unknown it may have some
    coalesce(bool_or(accelerator_kind = 'gpu' or instance_types.instance_type is null), true)
        as has_gpus,
    coalesce(any_value(metric_names), []) as metric_names,
    floor(epoch(any_value(metric_reads.read_until)))::bigint as read_until_s

from jobs

left join lateral (select unnest(instance_groups).instance_type as instance_type) as members on true

left join instance_types using (instance_type)

left join metric_reads on
    jobs.account_id = metric_reads.account_id
    and jobs.region = metric_reads.region
    and lower(jobs.job_name) = lower(metric_reads.job_name)
    -- not what was read of an earlier job of that name
    and metric_reads.read_until > jobs.training_started_at

where
    not coalesce(metric_reads.is_complete, false)
    and coalesce(ended_at, training_started_at) >= $oldest_at

group by jobs.job_name, training_started_at, ended_at, instance_count, instance_groups

order by training_started_at desc, jobs.job_name
