-- Hardware and price of every instance type, for each day and region that a workload is priced for.
-- Grain: one row an instance type, day and region. Unit: USD/h of one instance.
-- Definition: docs/metrics/list_cost_per_100_steps_usd.md
with

days as (

    select distinct
        unnest($price_dates::date[]) as price_date,
        nullif(unnest($price_regions::varchar[]), '') as region

),

needed as (

    select
        instance_types.instance_type,
        days.region,
        days.price_date

    from instance_types

    cross join days

),

type_prices as (

    {prices_on_date}

)

select
    needed.price_date,
    coalesce(needed.region, '') as price_region,
    instance_types.instance_type,
    instance_types.vcpu_count,
    instance_types.accelerator_name,
    coalesce(instance_types.instance_accelerator_count, 0) as instance_accelerator_count,
    instance_types.accelerator_memory_mib,
    instance_types.network_performance,
    type_prices.type_usd_per_h,
    coalesce(type_prices.is_estimated, false) as is_estimated,
    type_prices.type_price_note

from needed

inner join instance_types using (instance_type)

left join type_prices on
    needed.instance_type = type_prices.instance_type
    and needed.price_date = type_prices.price_date
    and needed.region is not distinct from type_prices.region

order by needed.price_date, needed.region, instance_types.instance_type
