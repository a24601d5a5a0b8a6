-- Gaps in whole-second steps: with them the curve is exact for every period of whole seconds.
-- Grain: one row per (group, whole seconds of gap, side). Unit: seconds, USD.
-- Definition: docs/metrics/keep_alive_curve.md
with

ends as (

    select max(greatest(training_ended_at, created_at)) as last_at
    from job_facts
    where $is_tail_observed

),

sides as (

    select
        {group_value} as group_value,
        'request' as side,
        kept_gap_s as gap_s,
        usd_per_h,
        pool_savings.wait_saved_s,
        pool_savings.billed_saved_s

    from filtered_jobs

    inner join pool_savings using (pool_id)

    where eligibility = 'eligible'

    union all

    select
        {group_value},
        'release',
        case when $is_tail_observed then least(
            coalesce(kept_idle_s, 'infinity'::double),
            greatest(0, (
                epoch_us(coalesce($tail_at::timestamptz, ends.last_at))
                - epoch_us(release_at)
            ) / 1e6)
        ) else kept_idle_s end,
        usd_per_h,
        null,
        null

    from filtered_jobs

    cross join ends

    where is_releasing

)

select
    group_value,
    side,
    floor(gap_s)::bigint as whole_s,
    count(*) as job_count,
    count(usd_per_h) as priced_job_count,
    sum(gap_s) as gap_s,
    sum(gap_s * usd_per_h / 3600) as gap_usd,
    sum(usd_per_h / 3600) as usd_per_s,
    sum(wait_saved_s) as wait_saved_s,
    sum(billed_saved_s) as billed_saved_s,
    sum(billed_saved_s * usd_per_h / 3600) as billed_saved_usd

from sides

group by all

order by group_value, whole_s nulls last
