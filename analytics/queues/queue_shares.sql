-- Shares of each queue with their newest settings: weights of its policy, or quotas.
-- Grain: one row a queue, share and capacity unit. Unit: as suffixed; capacity in its own unit.
-- Definition: docs/exporting.md
with

newest_queues as (

    select * from job_queues
    qualify row_number() over (
        partition by account_id, region, queue_name order by observed_at desc
    ) = 1

),

newest_policies as (

    select * from scheduling_policies
    qualify row_number() over (
        partition by account_id, region, policy_name order by observed_at desc
    ) = 1

),

newest_quotas as (

    select * from quota_shares
    qualify row_number() over (
        partition by account_id, region, queue_name, share_name order by observed_at desc
    ) = 1

),

weights as (

    select
        queue.queue_name,
        queue.account_id,
        queue.region,
        unnest(policy.share_weights) as entry,
        policy.observed_at

    from newest_queues as queue

    inner join newest_policies as policy
        on lower(policy.policy_arn) = lower(queue.scheduling_policy_arn)

),

quotas as (

    select
        * exclude (capacity_limits),
        -- a share without limits is still one row
        unnest(case when len(capacity_limits) > 0 then capacity_limits else [null] end) as entry

    from newest_quotas

)

select
    queue_name,
    account_id,
    region,
    (entry).share_name as share_name,
    'fair_share' as share_kind,
    (entry).weight_factor as weight_factor,
    null::double as capacity,
    null::varchar as capacity_unit,
    null::varchar as sharing_strategy,
    null::bigint as borrow_limit_pct,
    null::boolean as has_in_share_preemption,
    null::varchar as state,
    null::varchar as status,
    observed_at

from weights

union all

select
    queue_name,
    account_id,
    region,
    share_name,
    'quota' as share_kind,
    null::double as weight_factor,
    (entry).capacity as capacity,
    (entry).capacity_unit as capacity_unit,
    sharing_strategy,
    borrow_limit_pct,
    has_in_share_preemption,
    state,
    status,
    observed_at

from quotas

order by account_id, region, queue_name, share_name, capacity_unit
