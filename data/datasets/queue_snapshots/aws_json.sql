-- Landed answers of get-job-queue-snapshot, typed.
-- Grain: one row a landed snapshot. Unit: UTC instants, AWS's own units of capacity.
-- Definition: docs/exporting.md
with

named as (

    select
        *,
        case when json_type(record.frontOfQuotaShares.quotaShares) = 'OBJECT'
            then list_transform(
                json_keys(record.frontOfQuotaShares.quotaShares),
                lambda share: struct_pack(
                    share_name := share,
                    jobs := list_transform(
                        try_cast(json_extract(
                            record.frontOfQuotaShares.quotaShares,
                            '/' || replace(replace(share, '~', '~0'), '/', '~1')
                        ) as json[]),
                        lambda job: struct_pack(
                            service_job_arn := job ->> '$.jobArn',
                            earliest_at := parse_passed(job ->> '$.earliestTimeAtPosition')
                        )
                    )
                )
            )
        end as front_of_shares,
        list_transform(
            record.frontOfQueue.jobs,
            lambda job: struct_pack(
                service_job_arn := job.jobArn,
                earliest_at := parse_passed(job.earliestTimeAtPosition)
            )
        ) as front_of_queue,
        coalesce(
            case when starts_with(record.jobQueue, 'arn:') then record.jobQueue end,
            front_of_queue[1].service_job_arn,
            front_of_shares[1].jobs[1].service_job_arn
        ) as any_arn

    from answered

)

select
    import_no,
    line,
    file_name,
    landed_as,
    unparsed,
    unusable,
    misfit,
    record,
    coalesce(arn_account(any_arn), 'import:batch') as account_id,
    coalesce(arn_region(any_arn), 'unknown') as region,
    name_in_arn(record.jobQueue) as queue_name,
    coalesce(
        list_max([
            parse_passed(record.frontOfQueue.lastUpdatedAt),
            parse_passed(record.frontOfQuotaShares.lastUpdatedAt),
            parse_passed(record.queueUtilization.lastUpdatedAt)
        ]),
        parse_instant(envelope."time")
    ) as observed_at,
    case when starts_with(record.jobQueue, 'arn:') then record.jobQueue end as queue_arn,
    front_of_queue,
    front_of_shares,
    list_transform(
        record.queueUtilization.totalCapacityUsage,
        lambda one: struct_pack(
            capacity_unit := one.capacityUnit, quantity := parse_number(one.quantity)
        )
    ) as capacity_usage,
    case when record.queueUtilization is not null
        then flatten(list_concat(
            list_transform(
                record.queueUtilization.fairshareUtilization.topCapacityUtilization,
                lambda share: list_transform(
                    share.capacityUsage,
                    lambda one: struct_pack(
                        share_name := share.shareIdentifier,
                        capacity_unit := one.capacityUnit,
                        quantity := parse_number(one.quantity)
                    )
                )
            ),
            list_transform(
                record.queueUtilization.quotaShareUtilization.topCapacityUtilization,
                lambda share: list_transform(
                    share.capacityUsage,
                    lambda one: struct_pack(
                        share_name := share.quotaShareName,
                        capacity_unit := one.capacityUnit,
                        quantity := parse_number(one.quantity)
                    )
                )
            )
        ))
    end as share_usage,
    [
        text_fault('jobQueue', record.jobQueue),
        time_fault('lastUpdatedAt', nullif(record.frontOfQueue.lastUpdatedAt, '0')),
        time_fault('lastUpdatedAt', nullif(record.frontOfQuotaShares.lastUpdatedAt, '0')),
        time_fault('lastUpdatedAt', nullif(record.queueUtilization.lastUpdatedAt, '0')),
        first_fault(list_transform(
            record.frontOfQueue.jobs, lambda job: missing_fault('jobArn', nullif(job.jobArn, ''))
        )),
        first_fault(list_transform(
            record.frontOfQueue.jobs,
            lambda job: time_fault(
                'earliestTimeAtPosition', nullif(job.earliestTimeAtPosition, '0')
            )
        )),
        fault_of(
            case
                when record.frontOfQuotaShares.quotaShares is not null
                    and front_of_shares is null
                    or len(list_filter(front_of_shares, lambda share: share.jobs is null)) > 0
                    or len(list_filter(
                        flatten(list_transform(front_of_shares, lambda share: share.jobs)),
                        lambda job: job.service_job_arn is null
                    )) > 0
                    then 'frontOfQuotaShares.quotaShares has the wrong JSON type.'
            end,
            'Export it again with `aws batch get-job-queue-snapshot`.'
        ),
        first_fault(list_transform(
            record.queueUtilization.totalCapacityUsage,
            lambda one: number_fault('quantity', one.quantity, 0, 1000000000)
        )),
        first_fault(list_transform(
            share_usage,
            lambda one: fault_of(
                case when coalesce(one.quantity not between 0 and 1000000000, true)
                    then 'A quantity in topCapacityUtilization is not a number of 0 or more.' end,
                'Correct the number in the export, and import the file again.'
            )
        ))
    ] as faults

from named
