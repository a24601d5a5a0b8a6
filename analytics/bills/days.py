"""SQL that the queries of days share: what was billed, what is computed, what explains the rest."""

# {amount} is a column of cost_days. A sum is null where one of its lines is unknown; a day without
# a line was billed 0 where the bill of some account has days before and after
COMPARED_DAYS = """bill_spans as (

    select
        account_id,
        min(day_at) as first_day_at,
        max(day_at) as last_day_at

    from filtered_cost_days

    where is_billed

    group by account_id

),

marked as (

    select
        part.*,
        coalesce(part.is_billed and part.charge_category = 'Usage', false) as is_usage,
        span.account_id is not null as is_spanned,
        coalesce(part.computed_run_usd, part.computed_retained_usd) as computed_usd

    from filtered_cost_days as part

    left join bill_spans as span on
        part.account_id is not distinct from span.account_id
        and part.day_at between span.first_day_at and span.last_day_at

),

sums as (

    select
        day_at,
        count(*) filter (is_usage) as line_count,
        day_at between (select min(first_day_at) from bill_spans)
            and (select max(last_day_at) from bill_spans) as has_bill,
        day_at = (select max(last_day_at) from bill_spans) as is_newest,
        case when count(*) filter (is_usage) = count({amount}) filter (is_usage)
            then coalesce(sum({amount}) filter (is_usage), 0) end as known_billed_usd,
        case when count(*) filter (is_usage) = count(on_demand_cost_usd) filter (is_usage)
            then coalesce(sum(on_demand_cost_usd) filter (is_usage), 0) end
            as known_on_demand_usd,
        coalesce(sum(on_demand_cost_usd) filter (is_usage and line_kind = 'storage'), 0)
            as known_storage_usd,
        sum(on_demand_cost_usd) filter (is_usage and line_kind = 'warm_pool')
            as billed_warm_pool_usd,
        sum(billed_cost_usd) filter (is_billed and not is_usage) as left_aside_usd,
        sum(computed_run_usd) as computed_run_usd,
        sum(computed_retained_usd) as computed_retained_usd,
        -- idle clusters of a known cost of 0 do not make an unknown run a known total
        case when sum(computed_run_usd) is not null or sum(computed_retained_usd) > 0
            then sum(computed_usd) end as computed_usd,
        sum(computed_usd) filter (not is_spanned and account_id <> 'unknown') as uncovered_usd,
        string_agg(distinct account_id, ', ' order by account_id) filter (
            not is_spanned and account_id <> 'unknown' and computed_usd > 0
        ) as uncovered_accounts,
        sum(computed_usd) filter (is_price_estimated) as estimated_usd,
        sum(unknown_price_job_count)::bigint as unknown_price_job_count,
        sum(unknown_billable_job_count)::bigint as unknown_billable_job_count,
        sum(unknown_retained_job_count)::bigint as unknown_retained_job_count

    from marked

    group by day_at

),

differences as (

    select
        *,
        case when has_bill then known_billed_usd end as billed_usd,
        case when has_bill then known_storage_usd end as billed_storage_usd,
        case when has_bill then known_billed_usd end - computed_usd as difference_usd,
        case when has_bill then known_billed_usd - known_on_demand_usd end as discount_usd,
        -- bills round each line: no trace of that, and no -0
        case when has_bill then round(known_on_demand_usd - known_storage_usd - computed_usd
            + coalesce(uncovered_usd, 0), 6) + 0 end as unexplained_usd

    from sums

)"""
