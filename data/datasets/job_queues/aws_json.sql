-- Landed answers of describe-job-queues, typed.
-- Grain: one row a landed queue. Unit: UTC instants.
-- Definition: docs/exporting.md
select
    * exclude (envelope),
    coalesce(arn_account(record.jobQueueArn), 'import:batch') as account_id,
    coalesce(arn_region(record.jobQueueArn), 'unknown') as region,
    coalesce(nullif(record.jobQueueName, ''), name_in_arn(record.jobQueueArn)) as queue_name,
    parse_instant(envelope."time") as observed_at,
    record.jobQueueArn as queue_arn,
    record.state as state,
    record.status as status,
    parse_count(record.priority) as queue_priority,
    record.schedulingPolicyArn as scheduling_policy_arn,
    list_transform(
        list_sort(list_transform(
            record.serviceEnvironmentOrder,
            lambda one: struct_pack(
                place := parse_number(one."order"), arn := one.serviceEnvironment
            )
        )),
        lambda one: one.arn
    ) as service_environment_arns,
    [
        missing_fault('jobQueueName', queue_name),
        text_fault('jobQueueName', record.jobQueueName),
        text_fault('jobQueueArn', record.jobQueueArn),
        text_fault('state', record.state),
        text_fault('status', record.status),
        text_fault('schedulingPolicyArn', record.schedulingPolicyArn),
        number_fault('priority', record.priority, 0, 1000000)
    ] as faults

from answered
