-- The list price that counts for an instance type on a day: of the nearest region, kind and date.
-- Grain: one row an instance type, region and day of cluster_members. Unit: USD/h of one instance.
-- Definition: docs/metrics/list_cost_usd.md
create or replace temp table cluster_prices as
with

needed as (

    select distinct instance_type, region, price_date from cluster_members

)

select
    needed.instance_type,
    needed.region,
    needed.price_date,
    prices.list_unit_price_usd_per_h as usd_per_h,
    prices.component = 'estimate' as is_estimated,
    concat_ws(
        ', ',
        case when prices.component = 'estimate' then 'estimate' end,
        case when prices.component not in ('estimate', 'training')
            then 'price of ' || prices.component end,
        case when prices.region <> needed.region then 'price of ' || prices.region end,
        case when prices.effective_from > needed.price_date
            then 'first known price, from ' || prices.effective_from end
    ) as price_note

from needed

inner join prices on
    needed.instance_type = prices.instance_type
    -- these are no list prices
    and prices.component not in ('savings_plan', 'training_plan')
    and ($use_estimated_prices or prices.component <> 'estimate')

qualify row_number() over (
    partition by needed.instance_type, needed.region, needed.price_date
    order by
        case when prices.region = needed.region then 0
            when prices.region = 'us-east-1' then 1
            else 2 end,
        prices.region,
        prices.is_users desc,
        -- AWS dates a price by the last change of its list: an older estimate is no better for it
        prices.component = 'estimate',
        prices.effective_from <= needed.price_date desc,
        case when prices.effective_from <= needed.price_date
            then needed.price_date - prices.effective_from
            else prices.effective_from - needed.price_date end,
        case prices.component when 'training' then 0 when 'estimate' then 2 else 1 end,
        prices.component,
        prices.list_unit_price_usd_per_h
) = 1
