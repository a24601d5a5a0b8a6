-- What is worth telling people at an instant: jobs that have just ended, clusters about to expire.
-- Grain: one row an event. Unit: UTC instants; USD/h of the whole cluster; seconds.
-- Definition: docs/metrics/announcements.md
with

events as (

    select
        'job_ended' as event,
        coalesce(job.training_ended_at, job.last_modified_at) as event_at,
        job.training_time_s,
        fact.*

    from filtered_jobs as fact

    inner join training_jobs as job using (job_id)

    where
        job.status in ('Completed', 'Failed', 'Stopped')
        and job.record_kind <> 'export'
        and coalesce(job.training_ended_at, job.last_modified_at) <= $now
        and coalesce(job.training_ended_at, job.last_modified_at)
            > $now::timestamptz - to_seconds($ended_within_s)

    union all

    select
        'pool_expires' as event,
        release_at + to_seconds(keep_alive_period_s) as event_at,
        null as training_time_s,
        fact.*

    from filtered_jobs as fact

    where
        warm_pool_status = 'Available'
        and release_at <= $now
        and release_at + to_seconds(keep_alive_period_s) > $now
        and release_at + to_seconds(keep_alive_period_s)
            <= $now::timestamptz + to_seconds($expires_within_s)

)

select
    event,
    event_at,
    job_name,
    account_id,
    region,
    user_name,
    status,
    training_time_s,
    pool_key,
    pool_label,
    instance_type,
    instance_count,
    usd_per_h

from events

left join (select pool_id, pool_label from pools) as named using (pool_id)

order by event_at, event, account_id, region, job_name
