-- Landed answers of describe-service-environments, typed.
-- Grain: one row a landed environment. Unit: UTC instants, AWS's own units of capacity.
-- Definition: docs/exporting.md
select
    * exclude (envelope),
    coalesce(arn_account(record.serviceEnvironmentArn), 'import:batch') as account_id,
    coalesce(arn_region(record.serviceEnvironmentArn), 'unknown') as region,
    coalesce(
        nullif(record.serviceEnvironmentName, ''), name_in_arn(record.serviceEnvironmentArn)
    ) as environment_name,
    parse_instant(envelope."time") as observed_at,
    record.serviceEnvironmentArn as environment_arn,
    record.state as state,
    record.status as status,
    list_transform(
        record.capacityLimits,
        lambda one: struct_pack(
            capacity := parse_number(one.maxCapacity), capacity_unit := one.capacityUnit
        )
    ) as capacity_limits,
    [
        missing_fault('serviceEnvironmentName', environment_name),
        text_fault('serviceEnvironmentName', record.serviceEnvironmentName),
        text_fault('serviceEnvironmentArn', record.serviceEnvironmentArn),
        text_fault('state', record.state),
        text_fault('status', record.status),
        first_fault(list_transform(
            record.capacityLimits,
            lambda one: number_fault('maxCapacity', one.maxCapacity, 0, 1000000000)
        )),
        first_fault(list_transform(
            record.capacityLimits,
            lambda one: text_fault('capacityUnit', one.capacityUnit)
        ))
    ] as faults

from answered
