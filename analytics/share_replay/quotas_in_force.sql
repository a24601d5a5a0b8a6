-- The quota shares of a queue as they were observed last before a time, else first after it.
-- Grain: one row per quota share. Unit: instances, per cent.
-- Definition: docs/metrics/settings_in_force.md
select
    share_name,
    list_sum(list_transform(capacity_limits, lambda entry: entry.capacity)) as capacity,
    sharing_strategy,
    borrow_limit_pct,
    has_in_share_preemption

from quota_shares

where queue_name = $queue_name

qualify row_number() over (
    partition by share_name
    order by
        observed_at > $at,
        case when observed_at > $at then epoch(observed_at) else -epoch(observed_at) end
) = 1

order by share_name
