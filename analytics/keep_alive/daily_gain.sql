-- What the best periods would have changed against the current ones, day by day.
-- Grain: one row per (pool or all, day of job creation) with eligible jobs. Unit: USD, or seconds of one cluster where
-- the pool has no price at all; seconds; counts.
-- Definition: docs/metrics/net_gain_usd_per_month.md
with

choices as (

    select
        unnest($pool_ids::integer[]) as pool_id,
        unnest($today_s::bigint[]) as today_s,
        unnest($best_s::bigint[]) as best_s,
        unnest($values_usd_per_h::double[]) as value_usd_per_h,
        unnest($are_priced::boolean[]) as is_priced

),

changes as (

    select
        pool_id,
        {created_day} as created_day,
        -- jobs without a price are left out of the money, as in the curve
        case when is_priced then coalesce(usd_per_h / 3600, 0) else 1 end as usd_per_s,
        case when is_releasing then
            least(coalesce(unlimited_idle_s, 'infinity'::double), best_s)
            - least(coalesce(unlimited_idle_s, 'infinity'::double), today_s)
        else 0 end as extra_idle_s,
        coalesce((unlimited_gap_s < best_s)::integer - (unlimited_gap_s < today_s)::integer, 0)
            as extra_hit_count,
        billed_saved_per_hit_s,
        wait_saved_per_hit_s,
        case when usd_per_h is not null then value_usd_per_h else 0 end as value_usd_per_h

    from filtered_jobs

    inner join choices using (pool_id)

    inner join pool_savings using (pool_id)

    where eligibility = 'eligible'

)

select
    {group_value}::bigint as group_value,
    created_day,
    sum(extra_hit_count)::bigint as extra_hit_count,
    sum(extra_hit_count * wait_saved_per_hit_s) as extra_wait_saved_s,
    sum(extra_idle_s * usd_per_s) as extra_idle_usd,
    sum(extra_hit_count * billed_saved_per_hit_s * usd_per_s) as extra_billed_saved_usd,
    sum(
        extra_hit_count * (billed_saved_per_hit_s * usd_per_s + wait_saved_per_hit_s * value_usd_per_h / 3600)
        - extra_idle_s * usd_per_s
    ) as gain_usd

from changes

group by 1, 2

order by 1, 2
