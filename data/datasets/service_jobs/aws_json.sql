-- Landed service job records, typed: attempts of all lists as one, and what makes a record bad.
-- Grain: one row a landed record. Unit: UTC instants, instances.
-- Definition: docs/exporting.md
with

named as (

    select
        *,
        coalesce(record.jobArn, envelope.resources[1]) as job_arn,
        try_cast(record.serviceRequestPayload as json) as payload

    from answered

),

timed as (

    select
        *,
        coalesce(
            nullif(record.jobId, ''), nullif(regexp_extract(job_arn, '/([^/]+)$', 1), '')
        ) as service_job_id,
        parse_instant(record.createdAt) as created_at,
        parse_passed(record.scheduledAt) as scheduled_at,
        parse_passed(record.startedAt) as started_at,
        parse_passed(record.stoppedAt) as stopped_at,
        list_concat(
            list_transform(
                record.attempts,
                lambda one: struct_pack(
                    training_job_arn := nullif(one.serviceResourceId."value", ''),
                    started_at := parse_passed(one.startedAt),
                    ended_at := parse_passed(one.stoppedAt),
                    status_reason := one.statusReason,
                    is_preempted := null::boolean
                )
            ),
            list_transform(
                record.preemptionSummary.recentPreemptedAttempts,
                lambda one: struct_pack(
                    training_job_arn := nullif(one.serviceResourceId."value", ''),
                    started_at := parse_passed(one.startedAt),
                    ended_at := parse_passed(one.stoppedAt),
                    status_reason := one.statusReason,
                    is_preempted := true
                )
            ),
            case when nullif(record.latestAttempt.serviceResourceId."value", '') is not null
                then [struct_pack(
                    training_job_arn := record.latestAttempt.serviceResourceId."value",
                    started_at := null::timestamptz,
                    ended_at := null::timestamptz,
                    status_reason := null::varchar,
                    is_preempted := null::boolean
                )]
            end
        ) as all_attempts

    from named

),

merged as (

    select
        *,
        parse_count(record.preemptionSummary.preemptedAttemptCount) as preempted_attempt_count,
        case
            when nullif(record.quotaShareName, '') is not null then 'quota'
            when nullif(record.shareIdentifier, '') is not null then 'fair_share'
        end as share_kind,
        -- fair share never preempts; else the window must show every preempted attempt
        share_kind is not distinct from 'fair_share'
            or coalesce(preempted_attempt_count = len(list_distinct(list_transform(
                record.preemptionSummary.recentPreemptedAttempts,
                lambda one: lower(one.serviceResourceId."value")
            ))), preempted_attempt_count = 0, false) as knows_preempted,
        case when len(all_attempts) > 0 then {union_of_attempts} end as known_attempts,
        case
            when json_type(payload, '$.ResourceConfig.InstanceGroups') = 'ARRAY'
                then list_transform(
                    json_extract(payload, '$.ResourceConfig.InstanceGroups[*]'),
                    lambda member: struct_pack(
                        group_name := member ->> '$.InstanceGroupName',
                        instance_type := member ->> '$.InstanceType',
                        instance_count := parse_count(member ->> '$.InstanceCount')
                    )
                )
            when coalesce(
                payload ->> '$.ResourceConfig.InstanceType',
                payload ->> '$.ResourceConfig.InstanceCount'
            ) is not null
                then [struct_pack(
                    group_name := null::varchar,
                    instance_type := payload ->> '$.ResourceConfig.InstanceType',
                    instance_count := parse_count(payload ->> '$.ResourceConfig.InstanceCount')
                )]
        end as asked_groups,
        list_transform(
            record.capacityUsage,
            lambda one: struct_pack(
                group_name := null::varchar,
                -- a unit that counts instances says nothing of their type
                instance_type := case
                    when upper(one.capacityUnit) <> 'NUM_INSTANCES' then one.capacityUnit
                end,
                instance_count := parse_count(one.quantity)
            )
        ) as used_groups,
        case json_type(record.tags)
            when 'OBJECT' then list_transform(
                json_keys(record.tags),
                lambda name: struct_pack(
                    "key" := name,
                    "value" := record.tags ->> ('/' || replace(replace(name, '~', '~0'), '/', '~1'))
                )
            )
            when 'ARRAY' then list_transform(
                json_extract(record.tags, '$[*]'),
                lambda tag: struct_pack("key" := tag ->> '$.Key', "value" := tag ->> '$.Value')
            )
        end as tags

    from timed

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
    coalesce(
        arn_account(job_arn), arn_account(record.jobQueue), whole_account(envelope.account), 'import:batch'
    ) as account_id,
    coalesce(
        arn_region(job_arn), arn_region(record.jobQueue), envelope.region, 'unknown'
    ) as region,
    service_job_id,
    landed_as as record_kind,
    line as input_seq,
    coalesce(
        parse_instant(envelope."time"),
        list_max(list_concat(
            [created_at, scheduled_at, started_at, stopped_at],
            list_transform(known_attempts, lambda one: one.started_at),
            list_transform(known_attempts, lambda one: one.ended_at)
        ))
    ) as last_modified_at,
    job_arn as service_job_arn,
    nullif(record.jobName, '') as service_job_name,
    name_in_arn(record.jobQueue) as queue_name,
    coalesce(nullif(record.quotaShareName, ''), nullif(record.shareIdentifier, '')) as share_name,
    share_kind,
    parse_count(record.schedulingPriority) as scheduling_priority,
    nullif(record.status, '') as status,
    nullif(record.statusReason, '') as status_reason,
    created_at,
    scheduled_at,
    started_at,
    -- of a job that is queued again, AWS may still say when its last attempt stopped
    case when coalesce(
        record.status not in (
            'SUBMITTED', 'PENDING', 'RUNNABLE', 'SCHEDULED', 'STARTING', 'RUNNING'
        ),
        true
    ) then stopped_at end as ended_at,
    case
        when len(used_groups) > 0 and len(list_filter(
            used_groups, lambda one: one.instance_type is null
        )) = 0 then used_groups
        when len(asked_groups) > 0 then asked_groups
        when len(used_groups) > 0 then used_groups
    end as instance_groups,
    list_transform(
        known_attempts,
        lambda one: struct_pack(
            training_job_arn := one.training_job_arn,
            started_at := one.started_at,
            ended_at := one.ended_at,
            status_reason := one.status_reason,
            is_preempted := coalesce(
                one.is_preempted,
                case when knows_preempted and one.ended_at is not null then false end
            )
        )
    ) as attempts,
    preempted_attempt_count,
    parse_count(record.retryStrategy.attempts) as retry_attempt_count,
    parse_count(record.preemptionConfiguration.preemptionRetriesBeforeTermination)
        as preemption_retry_count,
    parse_boolean(record.isTerminated) as is_terminated,
    list_filter(
        list_transform(
            $user_tags::varchar[],
            lambda wanted: list_filter(
                tags, lambda tag: lower(tag."key") = lower(wanted)
            )[1]."value"
        ),
        lambda known: known is not null
    )[1] as user_name,
    case when len(tags) > 0 then tags end as tags,
    [
        missing_fault('jobId', service_job_id),
        text_fault('jobId', record.jobId),
        text_fault('jobArn', record.jobArn),
        text_fault('jobName', record.jobName),
        text_fault('jobQueue', record.jobQueue),
        text_fault('status', record.status),
        text_fault('shareIdentifier', record.shareIdentifier),
        text_fault('quotaShareName', record.quotaShareName),
        time_fault('createdAt', record.createdAt),
        missing_fault('createdAt', record.createdAt),
        time_fault('scheduledAt', nullif(record.scheduledAt, '0')),
        time_fault('startedAt', nullif(record.startedAt, '0')),
        time_fault('stoppedAt', nullif(record.stoppedAt, '0')),
        time_fault('The time of an event', envelope."time"),
        plausibility_fault('createdAt', created_at, latest_at),
        plausibility_fault('scheduledAt', scheduled_at, latest_at),
        plausibility_fault('startedAt', started_at, latest_at),
        plausibility_fault('stoppedAt', stopped_at, latest_at),
        first_fault(
            list_transform(
                flatten(list_transform(all_attempts, lambda one: [one.started_at, one.ended_at])),
                lambda moment: plausibility_fault('A time of an attempt', moment, latest_at)
            )
        ),
        first_fault(
            list_transform(
                flatten([
                    list_transform(record.attempts, lambda one: one.startedAt),
                    list_transform(record.attempts, lambda one: one.stoppedAt),
                    list_transform(
                        record.preemptionSummary.recentPreemptedAttempts,
                        lambda one: one.startedAt
                    ),
                    list_transform(
                        record.preemptionSummary.recentPreemptedAttempts,
                        lambda one: one.stoppedAt
                    )
                ]),
                lambda text: time_fault('A time of an attempt', nullif(text, '0'))
            )
        ),
        number_fault('schedulingPriority', record.schedulingPriority, 0, 1000000),
        number_fault('retryStrategy.attempts', record.retryStrategy.attempts, 0, 1000000),
        number_fault(
            'preemptedAttemptCount', record.preemptionSummary.preemptedAttemptCount, 0, 1000000
        ),
        number_fault(
            'preemptionRetriesBeforeTermination',
            record.preemptionConfiguration.preemptionRetriesBeforeTermination, -1, 1000000
        ),
        flag_fault('isTerminated', record.isTerminated),
        first_fault(list_transform(
            record.capacityUsage,
            lambda one: number_fault('A quantity in capacityUsage', one.quantity, 0, 1000000)
        )),
        fault_of(
            case when len(list_filter(
                asked_groups,
                lambda one: coalesce(one.instance_count not between 0 and 1000000, false)
            )) > 0 then 'The request asks for more than 1,000,000 instances of a type.' end,
            'Correct the number in the export, and import the file again.'
        ),
        fault_of(
            case
                when stopped_at < created_at or started_at < created_at
                    or scheduled_at < created_at
                    then 'The job is scheduled, starts or ends before its createdAt.'
            end,
            'Check whether all its times are in seconds, or all in milliseconds.'
        )
    ] as faults

from merged
