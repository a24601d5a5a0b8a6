-- The newest moment that the records of queues know of; empty where there are none.
-- Grain: one row. Unit: instant.
-- Definition: docs/metrics/alerts.md
select max(known_at) as newest_at

from (
    select max(greatest(
        created_at,
        case when scheduled_at <= coalesce(training_ended_at, scheduled_at) then scheduled_at end,
        training_started_at,
        training_ended_at
    )) as known_at
    from training_jobs
    where record_kind = 'export' or queue_name is not null or share_name is not null

    union all

    select max(greatest(created_at, scheduled_at, started_at, ended_at)) as known_at
    from service_jobs
)
