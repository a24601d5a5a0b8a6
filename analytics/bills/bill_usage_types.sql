-- What bills charge for training, by usage type; amounts are kept apart.
-- Grain: one row per (usage type, kind of charge, unit). Unit: USD; usage in its own unit.
-- Definition: docs/metrics/bill_reconciliation.md
select
    usage_type,
    line_kind,
    charge_category,
    count(*) as line_count,
    sum(usage_amount) as usage_amount,
    usage_unit,
    sum(billed_cost_usd) as billed_cost_usd,
    case when count(*) = count(effective_cost_usd) then sum(effective_cost_usd) end
        as effective_cost_usd,
    case when count(*) = count(on_demand_cost_usd) then sum(on_demand_cost_usd) end
        as on_demand_cost_usd,
    min(usage_started_at) as first_usage_at,
    max(usage_ended_at) as last_usage_at

from filtered_cost_line_items

group by usage_type, line_kind, charge_category, usage_unit

order by billed_cost_usd desc, usage_type, charge_category, usage_unit
