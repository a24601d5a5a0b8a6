-- Landed answers of list-quota-shares and describe-quota-share, typed.
-- Grain: one row a landed quota share. Unit: UTC instants, per cent, AWS's own units of capacity.
-- Definition: docs/exporting.md
select
    * exclude (envelope),
    coalesce(
        arn_account(record.quotaShareArn), arn_account(record.jobQueueArn), 'import:batch'
    ) as account_id,
    coalesce(arn_region(record.quotaShareArn), arn_region(record.jobQueueArn), 'unknown')
        as region,
    name_in_arn(record.jobQueueArn) as queue_name,
    coalesce(nullif(record.quotaShareName, ''), name_in_arn(record.quotaShareArn)) as share_name,
    parse_instant(envelope."time") as observed_at,
    record.quotaShareArn as quota_share_arn,
    record.jobQueueArn as queue_arn,
    list_transform(
        record.capacityLimits,
        lambda one: struct_pack(
            capacity := parse_number(one.maxCapacity), capacity_unit := one.capacityUnit
        )
    ) as capacity_limits,
    record.resourceSharingConfiguration.strategy as sharing_strategy,
    -- AWS: -1, without limit, unless a limit is set; only this strategy borrows
    case when sharing_strategy = 'LEND_AND_BORROW'
        then coalesce(parse_count(record.resourceSharingConfiguration.borrowLimit), -1)
    end as borrow_limit_pct,
    case upper(record.preemptionConfiguration.inSharePreemption)
        when 'ENABLED' then true
        when 'DISABLED' then false
    end as has_in_share_preemption,
    record.state as state,
    record.status as status,
    [
        missing_fault('quotaShareName', share_name),
        missing_fault('jobQueueArn', queue_name),
        text_fault('quotaShareName', record.quotaShareName),
        text_fault('jobQueueArn', record.jobQueueArn),
        text_fault('quotaShareArn', record.quotaShareArn),
        text_fault('strategy', record.resourceSharingConfiguration.strategy),
        text_fault('state', record.state),
        text_fault('status', record.status),
        number_fault(
            'borrowLimit', record.resourceSharingConfiguration.borrowLimit, -1, 1000000
        ),
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
