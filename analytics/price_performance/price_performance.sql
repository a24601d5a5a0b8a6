-- What was measured of each configuration, and what its cluster costs an hour.
-- Grain: one row a configuration of a workload. Unit: ms, USD/h.
-- Definition: docs/metrics/list_cost_per_100_steps_usd.md
with

samples as (

    select
        *,
        coalesce(step_count, 1) as weight,
        coalesce('job ' || job_id, 'run ' || epoch_us(ran_at)) as run,
        row_number() over () as sample_no,
        coalesce(nullif($region, ''), region) as price_region,
        coalesce(
            $as_of_date::date,
            max(ran_at) over (partition by workload)::date,
            $today::date
        ) as price_date

    from filtered_step_times

),

configurations as (

    select
        workload,
        configuration,
        cluster_label,
        any_value(instance_groups) as instance_groups,
        sum(step_time_ms * weight) / sum(weight) as step_time_ms,
        quantile_cont(step_time_ms, 0.5) as step_time_median_ms,
        sum(weight)::bigint as step_count,
        sum(weight) as weight_sum,
        count(*)::bigint as sample_count,
        count(distinct run)::bigint as run_count,
        case when count(distinct samples_per_step) = 1 and count(samples_per_step) = count(*)
            then any_value(samples_per_step) end as samples_per_step,
        sum(cpu_utilization_ratio * weight)
            / sum(weight) filter (cpu_utilization_ratio is not null) as cpu_utilization_ratio,
        sum(gpu_utilization_ratio * weight)
            / sum(weight) filter (gpu_utilization_ratio is not null) as gpu_utilization_ratio,
        any_value(price_date) as price_date,
        case when count(distinct price_region) = 1 then any_value(price_region) end
            as price_region,
        min((import_id, input_seq)) as first_seen

    from samples

    group by workload, configuration, cluster_label

),

-- samples of one run hang together: where runs can be told apart, each counts as one
deviations as (

    select
        samples.workload,
        samples.configuration,
        samples.cluster_label,
        sum(samples.weight * (samples.step_time_ms - configurations.step_time_ms))
            / any_value(configurations.weight_sum) as deviation_ms

    from samples

    inner join configurations using (workload, configuration, cluster_label)

    group by
        samples.workload,
        samples.configuration,
        samples.cluster_label,
        case when configurations.run_count < 2 or samples.run is null
            then 'sample ' || samples.sample_no else samples.run end

),

spreads as (

    select
        workload,
        configuration,
        cluster_label,
        count(*)::bigint as unit_count,
        sqrt(count(*) / (count(*) - 1) * sum(deviation_ms * deviation_ms)) as standard_error_ms

    from deviations

    group by workload, configuration, cluster_label

    having count(*) > 1

),

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
