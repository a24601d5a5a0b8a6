-- What was measured of each configuration, and what its cluster costs an hour in each price view.
-- Grain: one row a configuration of a workload. Unit: ms, USD/h.
-- Definition: docs/metrics/list_cost_per_100_steps_usd.md, docs/metrics/price_view.md
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

-- rates of your own price file, those that AWS offers, and those of the training plans that it lists
known_rates as (

    select
        instance_type,
        region,
        component,
        effective_from,
        list_unit_price_usd_per_h as rate_usd_per_h,
        is_users,
        case when is_users then 'your own rate' else 'AWS''s rate' end
            || coalesce(' (' || nullif(note, '') || ')', '') as rate_source

    from prices

    where component in ('savings_plan', 'training_plan')

    union all

    select
        instance_type,
        region,
        'training_plan' as component,
        plan_starts_at::date as effective_from,
        upfront_fee_usd / (plan_instance_count * plan_duration_h) as rate_usd_per_h,
        false as is_users,
        'the upfront fee of ' || training_plan_name || ' over all its hours' as rate_source

    from training_plans

    where upfront_fee_usd is not null and plan_instance_count > 0 and plan_duration_h > 0

    qualify row_number() over (
        partition by account_id, region, training_plan_arn order by observed_at desc
    ) = 1

),

plan_rates as (

    select
        needed.instance_type,
        needed.region,
        needed.price_date,
        rates.component,
        -- yours; in force on that day before what came later, then the nearest day; the lowest
        first(rates order by
            not rates.is_users,
            rates.effective_from > needed.price_date,
            abs(needed.price_date - rates.effective_from),
            rates.region <> 'us-east-1',
            rates.rate_usd_per_h
        ) as rate

    from needed

    inner join known_rates as rates on
        needed.instance_type = rates.instance_type
        and coalesce(needed.region, rates.region) = rates.region

    group by needed.instance_type, needed.region, needed.price_date, rates.component

),

-- what managed spot saved: AWS bills fewer seconds than the training took
spot_jobs as (

    select
        job_id,
        instance_groups[1].instance_type as instance_type,
        billable_s,
        training_time_s

    from training_jobs

    where is_spot and len(instance_groups) = 1 and billable_s is not null and training_time_s > 0

),

own_spot as (

    select
        workload,
        configuration,
        cluster_label,
        count(*)::bigint as spot_job_count,
        1 - sum(billable_s) / sum(training_time_s) as spot_saving_ratio

    from (
        select distinct workload, configuration, cluster_label, job_id from samples
    )

    inner join spot_jobs using (job_id)

    group by workload, configuration, cluster_label

),

type_spot as (

    select
        instance_type,
        count(*)::bigint as spot_job_count,
        1 - sum(billable_s) / sum(training_time_s) as spot_saving_ratio

    from spot_jobs

    group by instance_type

),

paid as (

    select
        members.*,
        type_prices.type_usd_per_h,
        type_prices.is_estimated,
        type_prices.type_price_note,
        training.rate as training_rate,
        -- your own rate, else your discount on the list price, else what AWS offers anybody
        case when savings.rate.is_users
                or $savings_plan_discount_ratio is null
                or type_prices.type_usd_per_h is null
            then savings.rate end as savings_rate,
        coalesce(
            (savings_rate).rate_usd_per_h,
            type_prices.type_usd_per_h * (1 - $savings_plan_discount_ratio)
        ) as savings_usd_per_h

    from members

    left join type_prices on
        members.entry.instance_type = type_prices.instance_type
        and members.price_date = type_prices.price_date
        and members.price_region is not distinct from type_prices.region

    left join plan_rates as savings on
        savings.component = 'savings_plan'
        and members.entry.instance_type = savings.instance_type
        and members.price_date = savings.price_date
        and members.price_region is not distinct from savings.region

    left join plan_rates as training on
        training.component = 'training_plan'
        and members.entry.instance_type = training.instance_type
        and members.price_date = training.price_date
        and members.price_region is not distinct from training.region

),

clusters as (

    select
        workload,
        configuration,
        cluster_label,
        count(*)::bigint as group_count,
        any_value(entry.instance_type) as first_type,
        any_value(entry.instance_count) as first_count,
        case when count(savings_usd_per_h) = count(*)
            then sum(entry.instance_count * savings_usd_per_h) end as savings_plan_usd_per_h,
        string_agg(distinct savings_rate.rate_source, ', ' order by savings_rate.rate_source)
            as savings_rate_source,
        string_agg(distinct entry.instance_type, ', ' order by entry.instance_type)
            filter (savings_rate.rate_usd_per_h is null) as types_without_rate,
        any_value(training_rate.rate_usd_per_h) as training_rate_usd_per_h,
        any_value(training_rate.rate_source) as training_rate_source,
        -- of Savings Plans, the latest day from which a rate holds that the day of prices precedes
        max(savings_rate.effective_from)
            filter (savings_rate.effective_from > price_date) as savings_rate_from_date,
        case when count(type_usd_per_h) = count(*)
            then sum(entry.instance_count * type_usd_per_h) end as list_unit_price_usd_per_h,
        bool_or(is_estimated) as is_price_estimated,
        nullif(string_agg(
            distinct nullif(entry.instance_type || ': ' || type_price_note,
                entry.instance_type || ': '),
            '; '
        ), '') as price_note

    from paid

    group by workload, configuration, cluster_label

)

select
    configurations.* exclude (instance_groups, first_seen, weight_sum, price_region),
    spreads.unit_count,
    spreads.standard_error_ms,
    clusters.list_unit_price_usd_per_h,
    clusters.is_price_estimated,
    clusters.price_note,
    clusters.group_count,
    clusters.first_type,
    clusters.first_count,
    clusters.savings_plan_usd_per_h,
    clusters.savings_rate_source,
    clusters.types_without_rate,
    clusters.training_rate_usd_per_h,
    clusters.training_rate_source,
    clusters.savings_rate_from_date,
    coalesce(own_spot.spot_saving_ratio, type_spot.spot_saving_ratio) as spot_saving_ratio,
    coalesce(own_spot.spot_job_count, type_spot.spot_job_count) as spot_job_count,
    own_spot.spot_job_count is not null as is_own_spot

from configurations

left join spreads using (workload, configuration, cluster_label)

left join clusters using (workload, configuration, cluster_label)

left join own_spot using (workload, configuration, cluster_label)

left join type_spot on clusters.first_type = type_spot.instance_type

-- the default baseline comes first
order by
    configurations.workload,
    len(configurations.instance_groups),
    configurations.first_seen,
    configurations.configuration,
    configurations.cluster_label
