-- Training plans as they were observed last, and what an instance-hour of each costs.
-- Grain: one row a training plan. Unit: USD, hours, instances.
-- Definition: docs/metrics/price_view.md
select
    account_id,
    region,
    training_plan_name,
    training_plan_arn,
    status,
    instance_type,
    plan_instance_count,
    plan_in_use_count,
    plan_starts_at,
    plan_ends_at,
    plan_duration_h,
    upfront_fee_usd,
    upfront_fee_usd / nullif(plan_instance_count * plan_duration_h, 0) as plan_usd_per_h,
    observed_at

from training_plans

qualify row_number() over (
    partition by account_id, region, training_plan_arn order by observed_at desc
) = 1

order by plan_starts_at desc nulls last, account_id, region, training_plan_name
