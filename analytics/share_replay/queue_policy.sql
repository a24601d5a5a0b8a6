-- The scheduling policy of a queue as it was observed last before a time, else first after it.
-- Grain: one row. Unit: seconds, per cent.
-- Definition: docs/metrics/settings_in_force.md
with

queue as (

    select scheduling_policy_arn
    from job_queues
    where queue_name = $queue_name
    order by
        observed_at > $at,
        case when observed_at > $at then epoch(observed_at) else -epoch(observed_at) end
    limit 1

)

select
    policy.share_kind,
    policy.share_decay_s,
    policy.compute_reservation_pct,
    list_transform(policy.share_weights, lambda entry: entry.share_name) as share_names,
    list_transform(policy.share_weights, lambda entry: entry.weight_factor) as weight_factors

from queue
inner join scheduling_policies as policy
    on lower(policy.policy_arn) = lower(queue.scheduling_policy_arn)

order by
    policy.observed_at > $at,
    case when policy.observed_at > $at then epoch(policy.observed_at)
        else -epoch(policy.observed_at) end

limit 1
