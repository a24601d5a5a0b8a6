"""SQL that several queries share, each under the name by which their files call it: {hit_rate}."""

# many times faster than created_at::date, which asks for the time zone of each
CREATED_DAY = "(epoch_us(created_at) // 86_400_000_000)::integer"  # days since 1970
CREATED_DATE = f"date '1970-01-01' + {CREATED_DAY}"

HIT_RATE = """count(*) filter (outcome = 'hit')
        / nullif(count(*) filter (eligibility = 'eligible'), 0)"""

# a job whose price nobody knows; serverless jobs are billed by tokens
HAS_NO_PRICE = "usd_per_h is null and list_cost_usd is null and eligibility <> 'serverless'"

CURRENT_KEEP_ALIVE = """max_by(keep_alive_period_s, (created_at, job_name)) filter (
            eligibility = 'eligible' and keep_alive_period_s is not null
        )"""

# whether a pool's jobs have several periods
IS_MIXED = """coalesce(
            min(keep_alive_period_s) filter (eligibility = 'eligible')
                < max(keep_alive_period_s) filter (eligibility = 'eligible'),
            false
        )"""

# of `needed` (instance_type, region, price_date), the price that counts, as docs/metrics/
# list_cost_usd.md ranks them; where no region is known, the newest one of any
PRICES_ON_DATE = """select
        needed.instance_type,
        needed.region,
        needed.price_date,
        prices.list_unit_price_usd_per_h as type_usd_per_h,
        prices.component = 'estimate' as is_estimated,
        concat_ws(
            ', ',
            case when prices.component = 'estimate' then 'estimate' end,
            case when prices.component not in ('estimate', 'training')
                then 'price of ' || prices.component end,
            case when prices.region <> coalesce(needed.region, 'us-east-1')
                then 'price of ' || prices.region end,
            case when prices.effective_from > needed.price_date
                then 'first known price, from ' || prices.effective_from end
        ) as type_price_note

    from needed

    inner join prices on
        needed.instance_type = prices.instance_type
        and prices.component not in ('savings_plan', 'training_plan')
        and ($use_estimated_prices or prices.component <> 'estimate')

    qualify row_number() over (
        partition by needed.instance_type, needed.region, needed.price_date
        order by
            case when needed.region is null or prices.region = needed.region then 0
                when prices.region = 'us-east-1' then 1
                else 2 end,
            case when needed.region is not null then prices.region end,
            prices.is_users desc,
            needed.region is not null and prices.component = 'estimate',
            prices.effective_from <= needed.price_date desc,
            needed.region is null and prices.component = 'estimate',
            case when prices.effective_from <= needed.price_date
                then needed.price_date - prices.effective_from
                else prices.effective_from - needed.price_date end,
            case prices.component when 'training' then 0 when 'estimate' then 2 else 1 end,
            prices.region <> 'us-east-1',
            prices.region,
            prices.component,
            prices.list_unit_price_usd_per_h
    ) = 1"""

# of `filtered_step_times`: each configuration as it was measured, its first sample, the day and the
# region of its prices, and how far its mean may be off
MEASURED_CONFIGURATIONS = """samples as (

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

)"""

EXPRESSIONS = {
    "created_day": CREATED_DAY,
    "created_date": CREATED_DATE,
    "hit_rate": HIT_RATE,
    "has_no_price": HAS_NO_PRICE,
    "current_keep_alive": CURRENT_KEEP_ALIVE,
    "is_mixed": IS_MIXED,
    "prices_on_date": PRICES_ON_DATE,
    "measured_configurations": MEASURED_CONFIGURATIONS,
}
