-- What a tuning loop takes and costs: each of M tuners starts K jobs, and waits for them, N times.
-- Grain: one row. Unit: as suffixed; times in s, makespans in h.
-- Definition: docs/metrics/makespan_h.md, docs/metrics/tuning_cost_usd.md
with

plan as (

    select
        $parallel::bigint as parallel_jobs,
        $rounds::bigint as rounds,
        $folds::bigint as folds,
        $startup_cold_s::double as startup_cold_s,
        $startup_warm_s::double as startup_warm_s,
        $run_s::double as run_s,
        $instance_count::bigint as instance_count,
        nullif($instance_type, '') as instance_type,
        coalesce(nullif($tuner_instance_type, ''), nullif($instance_type, ''))
            as tuner_instance_type,
        coalesce(
            $api_limit_per_s,
            (select limit_value from aws_limits where limit_name = 'training_api_rate')
        ) as api_limit_per_s,
        -- all rounds start cold; all but the first start warm
        rounds * (startup_cold_s + run_s) as cold_s,
        case when rounds > 0 then (startup_cold_s + run_s)
            + (rounds - 1) * ($idle_s + startup_warm_s + run_s) else 0 end as warm_s

),

needed as (

    select distinct
        unnest([instance_type, tuner_instance_type]) as instance_type,
        nullif($region, '') as region,
        $as_of::date as price_date

    from plan

),

type_prices as (

    {prices_on_date}

),

priced as (

    select
        plan.*,
        jobs.type_usd_per_h * instance_count as job_usd_per_h,
        tuners.type_usd_per_h as tuner_usd_per_h,
        jobs.is_estimated or tuners.is_estimated as is_price_estimated,
        nullif(concat_ws(
            '; ',
            plan.instance_type || ': ' || nullif(jobs.type_price_note, ''),
            case when plan.tuner_instance_type <> plan.instance_type
                then tuner_instance_type || ': ' || nullif(tuners.type_price_note, '') end
        ), '') as price_note,
        parallel_jobs * folds as child_count

    from plan

    left join type_prices as jobs on plan.instance_type = jobs.instance_type

    left join type_prices as tuners on plan.tuner_instance_type = tuners.instance_type

)

select
    parallel_jobs,
    rounds,
    folds,
    parallel_jobs * rounds * (folds + 1) as job_count,
    cold_s / 3600 as makespan_cold_h,
    warm_s / 3600 as makespan_warm_h,
    case when cold_s > 0 then 1 - warm_s / cold_s end as makespan_reduction_ratio,
    child_count + parallel_jobs as clusters_needed,
    child_count * instance_count + parallel_jobs as instances_needed_count,
    child_count * instance_count as warm_instances_needed_count,
    -- a tuner is billed while its jobs run
    (
        child_count * rounds * (startup_cold_s - least($unbilled_startup_s, startup_cold_s) + run_s)
            * job_usd_per_h
        + parallel_jobs * cold_s * tuner_usd_per_h
    ) / 3600 as list_cost_cold_usd,
    (
        child_count * (
            least(rounds, 1) * (startup_cold_s - least($unbilled_startup_s, startup_cold_s) + run_s)
            + greatest(rounds - 1, 0) * ($idle_s + startup_warm_s + run_s)
            + least(rounds, 1) * $keep_alive_period_s
        ) * job_usd_per_h
        + parallel_jobs * warm_s * tuner_usd_per_h
    ) / 3600 as list_cost_warm_usd,
    child_count as round_call_count,
    api_limit_per_s,
    parallel_jobs / nullif(api_limit_per_s, 0) as call_delay_s,
    rounds * greatest(folds - 1, 0) * parallel_jobs / nullif(api_limit_per_s, 0) / 3600
        as fan_out_h,
    child_count / nullif($poll_s, 0) as poll_rate_per_s,
    rounds * $profiler_s / 3600 as profiler_added_h,
    (child_count * job_usd_per_h + parallel_jobs * tuner_usd_per_h) * rounds * $profiler_s / 3600
        as profiler_added_usd,
    job_usd_per_h / nullif(instance_count, 0) as list_unit_price_usd_per_h,
    $as_of::date as price_date,
    is_price_estimated,
    price_note

from priced
