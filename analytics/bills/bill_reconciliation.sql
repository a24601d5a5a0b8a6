-- What each day was billed for training, what is computed for it, and why they differ.
-- Grain: one row a day (UTC) with a line of a bill, or with a job. Unit: USD.
-- Definition: docs/metrics/bill_reconciliation.md
with

{compared_days},

pattern_dates as (

    select max(as_of_date) as as_of_date from usage_type_patterns where line_kind = 'warm_pool'

)

select
    day_at::date as day,
    billed_usd,
    computed_usd,
    difference_usd,
    concat_ws(
        ' ',
        case when not coalesce(has_bill, false)
            then 'No imported bill covers this day.' end,
        case when has_bill and billed_usd is null
            then 'The bill does not have this amount for every line.' end,
        case when has_bill and line_count = 0
            then 'The bill has no training line for this day, though it has some before and after.'
        end,
        case when computed_usd is null then 'No cost of an imported job is known for this day.' end,
        case when abs(difference_usd) < 0.005 then 'Billed and computed are the same.' end,
        case when abs(unexplained_usd) >= 0.005 and abs(difference_usd) >= 0.005
            then format('Unexplained: {{:,.2f}} USD.', unexplained_usd) end,
        case when discount_usd <= -0.005
            then format('{{:,.2f}} USD less than on-demand prices: ', -discount_usd)
                || 'discounts and commitments.'
            when discount_usd >= 0.005
                then format('{{:,.2f}} USD more than on-demand prices.', discount_usd)
            when billed_usd is not null and discount_usd is null
                then 'The bill has no on-demand prices, so discounts cannot be told apart.' end,
        case when billed_storage_usd >= 0.005
            then format('{{:,.2f}} USD is for volumes, which are not computed.', billed_storage_usd)
        end,
        case when has_bill and uncovered_accounts is not null
            then format('{{:,.2f}} USD is computed for ', uncovered_usd)
                || 'what the bill does not cover: account ' || uncovered_accounts || '.' end,
        case when billed_warm_pool_usd is not null
            then format('{{:,.2f}} USD is billed as warm pools.', billed_warm_pool_usd)
            when line_count > 0 and computed_retained_usd >= 0.005
                then 'No usage type is known as one of warm pools (patterns of '
                    || pattern_dates.as_of_date || '): '
                    || format('{{:,.2f}} USD of idle time', computed_retained_usd)
                    || ' may be billed as training.'
        end,
        case when difference_usd is not null and estimated_usd >= 0.005
            then format('{{:,.2f}} USD computed is based on estimated prices.', estimated_usd)
        end,
        case when unknown_price_job_count > 0
            then 'Jobs without a known price: ' || unknown_price_job_count || '.' end,
        case when unknown_billable_job_count > 0
            then 'Jobs whose billable time is unknown: ' || unknown_billable_job_count || '.' end,
        case when unknown_retained_job_count > 0
            then 'Jobs whose retained time is unknown: ' || unknown_retained_job_count || '.' end,
        case when abs(left_aside_usd) >= 0.005
            then format('Left aside: {{:,.2f}} USD of credits, taxes or fees.', left_aside_usd)
        end,
        case when is_newest then 'It is the newest day billed, and may not be complete yet.' end
    ) as explanation,
    discount_usd,
    billed_storage_usd,
    billed_warm_pool_usd,
    uncovered_usd,
    unexplained_usd,
    computed_run_usd,
    computed_retained_usd,
    estimated_usd,
    left_aside_usd,
    unknown_price_job_count,
    unknown_billable_job_count,
    unknown_retained_job_count

from differences

cross join pattern_dates

order by day_at
