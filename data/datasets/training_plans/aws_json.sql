-- Landed answers of list- and describe-training-plans, typed.
-- Grain: one row a landed plan. Unit: UTC instants, hours, USD, instances.
-- Definition: docs/exporting.md
select
    * exclude (envelope),
    coalesce(arn_account(record.TrainingPlanArn), 'import:sagemaker') as account_id,
    coalesce(arn_region(record.TrainingPlanArn), 'unknown') as region,
    record.TrainingPlanArn as training_plan_arn,
    record.TrainingPlanName as training_plan_name,
    parse_instant(envelope."time") as observed_at,
    record.Status as status,
    -- capacity of several types has no price of each
    case when len(list_distinct(list_transform(
            record.ReservedCapacitySummaries, lambda one: one.InstanceType
        ))) = 1
        then record.ReservedCapacitySummaries[1].InstanceType end as instance_type,
    parse_count(record.TotalInstanceCount) as plan_instance_count,
    parse_count(record.InUseInstanceCount) as plan_in_use_count,
    parse_instant(record.StartTime) as plan_starts_at,
    parse_instant(record.EndTime) as plan_ends_at,
    coalesce(parse_number(record.DurationHours), 0)
        + coalesce(parse_number(record.DurationMinutes), 0) / 60 as plan_duration_h,
    case when coalesce(nullif(record.CurrencyCode, ''), 'USD') = 'USD'
        then parse_number(record.UpfrontFee) end as upfront_fee_usd,
    [
        missing_fault('TrainingPlanArn', record.TrainingPlanArn),
        missing_fault('TrainingPlanName', record.TrainingPlanName),
        text_fault('TrainingPlanArn', record.TrainingPlanArn),
        text_fault('TrainingPlanName', record.TrainingPlanName),
        text_fault('Status', record.Status),
        text_fault('CurrencyCode', record.CurrencyCode),
        time_fault('StartTime', record.StartTime),
        time_fault('EndTime', record.EndTime),
        number_fault('UpfrontFee', record.UpfrontFee, 0, 1000000000),
        number_fault('DurationHours', record.DurationHours, 0, 100000),
        number_fault('DurationMinutes', record.DurationMinutes, 0, 60),
        number_fault('TotalInstanceCount', record.TotalInstanceCount, 0, 1000000),
        number_fault('InUseInstanceCount', record.InUseInstanceCount, 0, 1000000)
    ] as faults

from answered
