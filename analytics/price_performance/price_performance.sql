-- What was measured of each configuration, and what its cluster costs an hour.
-- Grain: one row a configuration of a workload. Unit: ms, USD/h.
-- Definition: docs/metrics/list_cost_per_100_steps_usd.md
with

{measured_configurations},

members as (

    select
        workload,
        configuration,
        cluster_label,
        price_date,
        price_region,
        unnest(instance_groups) as entry

    from configurations

),

needed as (

    select distinct
        entry.instance_type as instance_type,
        price_region as region,
        price_date

    from members

),

type_prices as (

    {prices_on_date}

),

clusters as (

    select
        members.workload,
        members.configuration,
        members.cluster_label,
        case when count(type_prices.type_usd_per_h) = count(*)
            then sum(members.entry.instance_count * type_prices.type_usd_per_h) end
            as list_unit_price_usd_per_h,
        bool_or(type_prices.is_estimated) as is_price_estimated,
        nullif(string_agg(
            distinct nullif(members.entry.instance_type || ': ' || type_price_note,
                members.entry.instance_type || ': '),
            '; '
        ), '') as price_note

    from members

    left join type_prices on
        members.entry.instance_type = type_prices.instance_type
        and members.price_date = type_prices.price_date
        and members.price_region is not distinct from type_prices.region

    group by members.workload, members.configuration, members.cluster_label

)

select
    configurations.* exclude (instance_groups, first_seen, weight_sum, price_region),
    spreads.unit_count,
    spreads.standard_error_ms,
    clusters.list_unit_price_usd_per_h,
    clusters.is_price_estimated,
    clusters.price_note

from configurations

left join spreads using (workload, configuration, cluster_label)

left join clusters using (workload, configuration, cluster_label)

-- the default baseline comes first
order by
    configurations.workload,
    len(configurations.instance_groups),
    configurations.first_seen,
    configurations.configuration,
    configurations.cluster_label
