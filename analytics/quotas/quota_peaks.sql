-- The most instances that ran, and that idled, at once: with the jobs' own periods and advised ones.
-- Grain: one row an account, region and instance type. Unit: instances.
-- Definition: docs/metrics/quota_advice.md
with

places as (

    select distinct
        account_id,
        region,
        instance_type
    from filtered_jobs
    where instance_type is not null and instance_type <> 'mixed'

),

advised as (

    select
        unnest($pool_ids::integer[]) as pool_id,
        unnest($periods_s::bigint[]) as advised_s

),

-- every job counts towards the quotas of its account, whoever is filtered
clusters as (

    select
        account_id,
        region,
        instance_type,
        coalesce(instance_count, 1) as instance_count,
        coalesce(training_started_at, request_at) as started_at,
        release_at,
        eligibility = 'eligible' and is_releasing as can_idle,
        unlimited_idle_s,
        coalesce(keep_alive_period_s, 0) as own_s,
        coalesce(advised_s, keep_alive_period_s, 0) as advised_s

    from job_facts

    semi join places using (account_id, region, instance_type)

    left join advised using (pool_id)

    where
        eligibility <> 'spot'
        and ($since::timestamptz is null or created_at >= $since)
        and ($until::timestamptz is null or created_at < $until)

),

spans as (

    select
        *,
        epoch_us(started_at) as started_us,
        epoch_us(release_at) as released_us,
        -- under newest-first reuse an idle time does not depend on the period
        round(least(coalesce(unlimited_idle_s, own_s), own_s) * 1e6)::bigint as own_idle_us,
        round(least(coalesce(unlimited_idle_s, advised_s), advised_s) * 1e6)::bigint
            as advised_idle_us

    from clusters

    where release_at is not null and release_at >= started_at

),

events as (

    select
        account_id,
        region,
        instance_type,
        at_us,
        running,
        own_idle,
        advised_idle

    from spans

    cross join lateral (
        select
            started_us as at_us,
            instance_count as running,
            0 as own_idle,
            0 as advised_idle
        union all
        select
            released_us,
            -instance_count,
            case when can_idle and own_idle_us > 0 then instance_count else 0 end,
            case when can_idle and advised_idle_us > 0 then instance_count else 0 end
        union all
        select
            released_us + own_idle_us,
            0,
            -instance_count,
            0
        where can_idle and own_idle_us > 0
        union all
        select
            released_us + advised_idle_us,
            0,
            0,
            -instance_count
        where can_idle and advised_idle_us > 0
    ) as moments

),

-- all that happens in an instant counts before the instant is looked at
instants as (

    select
        account_id,
        region,
        instance_type,
        at_us,
        sum(running) as running,
        sum(own_idle) as own_idle,
        sum(advised_idle) as advised_idle

    from events

    group by all

),

levels as (

    select
        account_id,
        region,
        instance_type,
        sum(running) over in_time as running,
        sum(own_idle) over in_time as own_idle,
        sum(advised_idle) over in_time as advised_idle

    from instants

    window in_time as (
        partition by account_id, region, instance_type
        order by at_us
    )

)

select
    account_id,
    region,
    instance_type,
    max(running)::bigint as peak_running_count,
    max(own_idle)::bigint as peak_idle_today,
    max(advised_idle)::bigint as peak_idle_advised,
    max(running + advised_idle)::bigint as peak_count

from levels

group by all

order by all
