-- The newest known settings of the shares of the jobs' queues.
-- Grain: one row a share. Unit: instances, per cent, seconds.
-- Definition: docs/metrics/share_replay.md
with

queues as (

    select distinct queue_name from filtered_queue_jobs where queue_name is not null

),

policies as (

    select lower(max_by(scheduling_policy_arn, observed_at)) as arn

    from job_queues

    where queue_name in (select queue_name from queues)

    group by queue_name

),

newest_policy as (

    select
        max_by(share_kind, observed_at) as share_kind,
        max_by(share_decay_s, observed_at) as share_decay_s,
        max_by(compute_reservation_pct, observed_at) as compute_reservation_pct,
        max_by(share_weights, observed_at) as share_weights

    from scheduling_policies

    where lower(policy_arn) in (select arn from policies)

),

quota_rows as (

    select
        share_name,
        list_sum(list_transform(
            max_by(capacity_limits, observed_at), lambda one: one.capacity
        )) as quota,
        max_by(sharing_strategy, observed_at) as sharing_strategy,
        max_by(borrow_limit_pct, observed_at) as borrow_limit_pct,
        max_by(has_in_share_preemption, observed_at) as has_in_share_preemption

    from quota_shares

    where queue_name in (select queue_name from queues) and share_name is not null

    group by share_name

)

select
    'quota' as share_kind,
    share_name,
    1.0 as weight_factor,
    quota,
    coalesce(sharing_strategy, 'LEND_AND_BORROW') as sharing_strategy,
    coalesce(borrow_limit_pct, -1)::double as borrow_limit_pct,
    coalesce(has_in_share_preemption, false) as has_in_share_preemption,
    null::double as share_decay_s,
    null::double as compute_reservation_pct

from quota_rows

union all

select
    share_kind,
    entry.one.share_name,
    coalesce(entry.one.weight_factor, 1.0),
    null,
    'LEND_AND_BORROW',
    -1,
    false,
    share_decay_s::double,
    compute_reservation_pct::double

from newest_policy

left join lateral (select unnest(share_weights) as one) as entry on true

where share_kind = 'fair_share' and (select count(*) from quota_rows) = 0

order by share_name
