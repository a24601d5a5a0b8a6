-- How many jobs reused a warm cluster.
-- Grain: one row a group. Unit: counts; ratios 0 to 1.
-- Definition: docs/metrics/hit_rate_ratio.md
select
    {shown_value} as group_value,
    count(*) as job_count,
    count(*) filter (eligibility = 'eligible') as eligible_count,
    count(*) filter (outcome = 'hit') as hit_count,
    count(*) filter (evidence = 'confirmed') as confirmed_hit_count,
    count(*) filter (evidence = 'inferred') as inferred_hit_count,
    {hit_rate} as hit_rate_ratio,
    count(*) filter (outcome = 'hit' and coalesce(has_predecessor, true))
        / nullif(count(*) filter (eligibility = 'eligible' and coalesce(has_predecessor, true)), 0)
        as hit_rate_given_predecessor_ratio,
    count(*) filter (eligibility = 'eligible' and coalesce(has_predecessor, true))
        as with_predecessor_count

from filtered_jobs

group by {by}

order by {order_by}
