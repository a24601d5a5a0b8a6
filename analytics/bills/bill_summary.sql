-- What was billed and what is computed, over the days for which both are known.
-- Grain: one row, if there is any bill. Unit: USD.
-- Definition: docs/metrics/bill_reconciliation.md
with

{compared_days}

select
    count(billed_usd) as billed_day_count,
    count(computed_usd) as computed_day_count,
    count(difference_usd) as compared_day_count,
    sum(billed_usd) filter (difference_usd is not null) as billed_usd,
    sum(computed_usd) filter (difference_usd is not null) as computed_usd,
    sum(difference_usd) as difference_usd,
    -- of parts of the difference, one unknown day makes the sum unknown
    case when count(*) filter (difference_usd is not null and discount_usd is null) = 0
        then sum(discount_usd) filter (difference_usd is not null) end as discount_usd,
    sum(billed_storage_usd) filter (difference_usd is not null) as billed_storage_usd,
    sum(billed_warm_pool_usd) filter (difference_usd is not null) as billed_warm_pool_usd,
    sum(uncovered_usd) filter (difference_usd is not null) as uncovered_usd,
    case when count(*) filter (difference_usd is not null and unexplained_usd is null) = 0
        then sum(unexplained_usd) filter (difference_usd is not null) end as unexplained_usd,
    sum(computed_run_usd) filter (difference_usd is not null) as computed_run_usd,
    sum(computed_retained_usd) filter (difference_usd is not null) as computed_retained_usd,
    sum(estimated_usd) filter (difference_usd is not null) as estimated_usd,
    sum(left_aside_usd) as left_aside_usd

from differences

having count(billed_usd) > 0
