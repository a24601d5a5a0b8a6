-- When the quota shares or the scheduling policy of a queue last changed, by what was observed up to a time.
-- Grain: one row; empty where no change was observed. Unit: UTC instant.
-- Definition: docs/metrics/settings_in_force.md
with

quotas as (

    select
        observed_at,
        row(capacity_limits, sharing_strategy, borrow_limit_pct, has_in_share_preemption)
            as settings,
        lag(settings) over (partition by share_name order by observed_at) as settings_before,
        row_number() over (partition by share_name order by observed_at) as place

    from quota_shares

    where queue_name = $queue_name and observed_at <= $at

),

attachments as (

    select
        observed_at,
        lower(scheduling_policy_arn) as settings,
        lag(settings) over (order by observed_at) as settings_before,
        row_number() over (order by observed_at) as place

    from job_queues

    where queue_name = $queue_name and observed_at <= $at

),

policies as (

    select
        observed_at,
        row(share_decay_s, compute_reservation_pct, share_weights) as settings,
        lag(settings) over (partition by lower(policy_arn) order by observed_at) as settings_before,
        row_number() over (partition by lower(policy_arn) order by observed_at) as place

    from scheduling_policies

    where observed_at <= $at
        and lower(policy_arn) = (select max_by(settings, observed_at) from attachments)

)

select max(observed_at) as held_since

from (
    select observed_at from quotas
    where place > 1 and settings is distinct from settings_before

    union all

    select observed_at from attachments
    where place > 1 and settings is distinct from settings_before

    union all

    select observed_at from policies
    where place > 1 and settings is distinct from settings_before
)
