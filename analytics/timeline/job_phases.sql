-- What a job went through, in order: as AWS reports it, else from the times of the job itself.
-- Grain: one row a phase of a job. Unit: seconds.
-- Definition: docs/metrics/provisioning_s.md, docs/metrics/download_s.md, docs/metrics/billable_s.md
with

-- the view of the same name would unfold every job of the store
visits as (

    select
        job_id,
        unnest(status_transitions) as visit,
        generate_subscripts(status_transitions, 1) as position

    from training_jobs

    semi join filtered_jobs using (job_id)

),

reported as (

    select
        job_id,
        position as phase_number,
        visit.secondary_status as phase,
        visit.started_at as start_at,
        coalesce(
            visit.ended_at,
            lead(visit.started_at) over (partition by job_id order by position)
        ) as end_at

    from visits

),

-- the first Training, for jobs without transitions
timed as (

    select
        *,
        created_at + to_microseconds(round(startup_latency_s * 1e6)::bigint) as trained_at

    from filtered_jobs

    anti join reported using (job_id)

),

from_times as (

    select job_id, 1 as phase_number, 'Starting' as phase, request_at as start_at,
        coalesce(training_started_at, trained_at) as end_at
    from timed
    where end_at is not null

    union all

    select job_id, 2, 'Downloading', training_started_at, trained_at
    from timed
    where training_started_at < trained_at

    union all

    select job_id, 3, case when trained_at is null then 'Running' else 'Training' end,
        coalesce(trained_at, training_started_at), training_ended_at
    from timed
    where coalesce(trained_at, training_started_at) is not null

),

queued as (

    select job_id, 0 as phase_number, 'Queued' as phase, created_at as start_at,
        request_at as end_at
    from filtered_jobs
    where request_at > created_at

),

phases as (

    select * from queued
    union all select * from reported
    union all select * from from_times

)

select
    filtered_jobs.job_name,
    phases.phase,
    phases.start_at,
    phases.end_at,
    (epoch_us(phases.end_at) - epoch_us(phases.start_at)) / 1e6 as duration_s,
    coalesce(
        phases.start_at >= filtered_jobs.training_started_at
        and phases.start_at < coalesce(filtered_jobs.training_ended_at, 'infinity'::timestamptz),
        false
    ) as billed

from phases

inner join filtered_jobs using (job_id)

where
    -- the last status lasts no time
    phases.phase not in ('Completed', 'Failed', 'Stopped', 'MaxRuntimeExceeded')
    or epoch_us(phases.end_at) > epoch_us(phases.start_at)

order by
    filtered_jobs.created_at,
    filtered_jobs.account_id,
    filtered_jobs.region,
    filtered_jobs.job_name,
    phases.phase_number
