-- Gaps in whole-second steps: with them the curve is exact for every period of whole seconds.
-- Grain: one row per (group, whole seconds of gap, side); -1 is a gap that never ends. Unit: seconds, USD.
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
        true as is_request,
        unlimited_gap_s as gap_s,
        usd_per_h,
        pool_savings.wait_saved_per_hit_s as wait_saved_s,
        pool_savings.billed_saved_per_hit_s as billed_saved_s

    from {jobs}

    inner join pool_savings using (pool_id)

    where eligibility = 'eligible'

    union all

    select
        {group_value},
        false,
        case when $is_tail_observed then least(
            coalesce(unlimited_idle_s, 'infinity'::double),
            greatest(0, (
                epoch_us(coalesce($tail_at::timestamptz, ends.last_at))
                - epoch_us(release_at)
            ) / 1e6)
        ) else unlimited_idle_s end,
        usd_per_h,
        null,
        null

    from {jobs}

    cross join ends

    where is_releasing

)

select
    group_value::bigint as group_value,
    coalesce(floor(gap_s), -1)::bigint as whole_s,
    is_request,
    count(*) as job_count,
    count(usd_per_h) as priced_job_count,
    coalesce(sum(gap_s), 0) as gap_s,
    coalesce(sum(gap_s * usd_per_h / 3600), 0) as gap_usd,
    coalesce(sum(usd_per_h / 3600), 0) as usd_per_s,
    coalesce(sum(wait_saved_s), 0) as wait_saved_s,
    coalesce(sum(wait_saved_s) filter (usd_per_h is not null), 0) as priced_wait_saved_s,
    coalesce(sum(billed_saved_s), 0) as billed_saved_s,
    coalesce(sum(billed_saved_s * usd_per_h / 3600), 0) as billed_saved_usd

from sides

group by 1, 2, 3

order by 1, 2, 3
