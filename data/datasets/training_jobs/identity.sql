-- Which records of one name are of one job: a run by its account, region and creation, or an attempt.
-- Grain: one row a record of `gathered`. Unit: none.
-- Definition: docs/decisions/0036-identity.md
with

placed as (

    select
        record_no,
        lower(job_name) as name,
        -- of AWS's own records without an ARN, none says whose it is
        case when starts_with(account_id, 'import:') and record_kind <> 'export' then 'import:'
            else account_id end as account_id,
        region,
        starts_with(account_id, 'import:') or region = 'unknown' as is_unplaced,
        record_kind = 'export' as is_export,
        epoch_us(created_at) as created_us,
        epoch_us(training_started_at) as start_us,
        epoch_us(training_ended_at) as end_us

    from gathered

),

created as (

    select
        *,
        sum(is_later) over (
            partition by name, account_id, region order by created_us, record_no
            rows unbounded preceding
        ) as creation_no

    from (
        select
            *,
            (coalesce(created_us - lag(created_us) over (
                partition by name, account_id, region order by created_us, record_no
            ) > 60000000, false))::integer as is_later
        from placed
    )

),

-- a scheduler that requeues a job may keep its creation: a run that begins after another's end
attempts as (

    select
        *,
        sum(is_next) over (
            partition by name, account_id, region, creation_no
            order by start_us nulls first, end_us nulls first, record_no
            rows unbounded preceding
        ) as attempt_no

    from (
        select
            *,
            coalesce(
                is_export
                and start_us > lag(start_us) over of_one_creation
                and start_us >= max(end_us) filter (is_export) over (
                    partition by name, account_id, region, creation_no
                    order by start_us nulls first, end_us nulls first, record_no
                    rows between unbounded preceding and 1 preceding
                ),
                false
            )::integer as is_next
        from created
        window of_one_creation as (
            partition by name, account_id, region, creation_no
            order by start_us nulls first, end_us nulls first, record_no
        )
    )

),

runs as (

    select
        name,
        account_id,
        region,
        is_unplaced,
        creation_no,
        attempt_no,
        min(created_us) as first_us,
        max(created_us) as last_us

    from attempts

    group by all

),

-- a record that does not say whose it is belongs to the one job that it fits
fitting as (

    select
        unplaced.name,
        unplaced.account_id,
        unplaced.region,
        unplaced.creation_no,
        unplaced.attempt_no,
        any_value((
            placed.name, placed.account_id, placed.region, placed.creation_no, placed.attempt_no
        )) as run

    from runs as unplaced

    inner join runs as placed on
        unplaced.name = placed.name
        and placed.first_us <= unplaced.last_us + 60000000
        and placed.last_us >= unplaced.first_us - 60000000
        and (
            starts_with(unplaced.account_id, 'import:')
            or unplaced.account_id = placed.account_id
        )
        and (unplaced.region = 'unknown' or unplaced.region = placed.region)

    where unplaced.is_unplaced and not placed.is_unplaced

    group by all

    having count(*) = 1

)

select
    record_no,
    coalesce(fitting.run, (
        attempts.name, attempts.account_id, attempts.region, attempts.creation_no,
        attempts.attempt_no
    )) as thing

from attempts

left join fitting using (name, account_id, region, creation_no, attempt_no)
