-- The accounts that bills charge for training, and the time that their lines cover.
-- Grain: one row per account. Unit: USD, UTC instants.
-- Definition: docs/metrics/bill_reconciliation.md
select
    account_id,
    count(*) as line_count,
    sum(billed_cost_usd) as billed_cost_usd,
    min(usage_started_at) as first_usage_at,
    max(usage_ended_at) as last_usage_at

from filtered_cost_line_items

group by account_id

order by account_id
