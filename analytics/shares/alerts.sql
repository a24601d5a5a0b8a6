-- The values that thresholds watch: waits, capacity idle while others wait, failures.
-- Grain: one row per (threshold, queue, share) that has a value. Unit: alert_unit.
-- Definition: docs/metrics/alerts.md
with

span as (

    select
        epoch_us($now::timestamptz) as now_us,
        now_us - $watched_days::double * 86_400_000_000 as first_us

),

jobs as (

    select
        queue_name,
        share_name,
        status,
        ended_at,
        epoch_us(created_at) as created_us,
        epoch_us(ended_at) as ended_us,
        -- a job that still waits has waited at least so long
        coalesce(queue_wait_s, case
            when lower(status) in ('submitted', 'pending', 'runnable') and ended_at is null
                then (now_us - epoch_us(created_at)) / 1e6
        end) / 3600 as wait_h

    from queue_jobs, span

    -- waits are looked at since then, failures of one day
    where created_at <= $now
        and (
            created_at >= $now::timestamptz - $watched_days * interval 1 day
            or ended_at > $now::timestamptz - interval 1 day
        )

),

waits as (

    select
        'long_wait' as alert,
        queue_name,
        share_name,
        quantile_cont(wait_h, 0.9) as alert_value,
        'h' as alert_unit,
        count(wait_h) as job_count,
        make_timestamptz(min(created_us)) as first_at,
        make_timestamptz(max(created_us)) as last_at

    from jobs, span

    where created_us >= first_us

    group by queue_name, share_name

    having count(wait_h) >= $least_job_count

),

-- only hours that are looked at: of years, these are few
share_sums as materialized (

    select
        queue_name,
        share_name,
        is_unassigned,
        hour_at,
        sum(own_instance_h) as own_instance_h,
        sum(idle_instance_h) as idle_instance_h,
        sum(starved_instance_h) as starved_instance_h

    from share_hours

    where hour_at >= $now::timestamptz - $watched_days * interval 1 day and hour_at <= $now

    group by all

),

queue_hours as (

    select
        queue_name,
        hour_at,
        sum(starved_instance_h) as starved_instance_h

    from share_sums

    group by all

),

-- the hours in which other shares waited for at least one instance that stood idle
underuse as (

    select
        'underused_share' as alert,
        share_sums.queue_name,
        share_sums.share_name,
        1 - sum(idle_instance_h) / sum(own_instance_h) as alert_value,
        'ratio' as alert_unit,
        null::bigint as job_count,
        min(hour_at) as first_at,
        max(hour_at) + interval 1 hour as last_at

    from share_sums

    inner join queue_hours using (hour_at)

    where share_sums.queue_name is not distinct from queue_hours.queue_name
        and not share_sums.is_unassigned
        and share_sums.own_instance_h > 0
        and queue_hours.starved_instance_h - share_sums.starved_instance_h >= 1

    group by share_sums.queue_name, share_sums.share_name

    having count(*) >= $least_hour_count

),

failures as (

    select
        queue_name,
        ended_at,
        count(*) over (
            partition by queue_name order by ended_us
            range between 3_599_999_999 preceding and current row
        ) as failed_count

    from jobs, span

    where lower(status) = 'failed' and ended_us > now_us - 86_400_000_000 and ended_us <= now_us

),

bursts as (

    select
        'failure_burst' as alert,
        queue_name,
        null::varchar as share_name,
        max(failed_count)::double as alert_value,
        'count' as alert_unit,
        count(*) as job_count,
        arg_max(ended_at, failed_count) - interval 1 hour as first_at,
        arg_max(ended_at, failed_count) as last_at

    from failures

    group by queue_name

)

from waits

union all

from underuse

union all

from bursts

order by alert, queue_name, share_name
