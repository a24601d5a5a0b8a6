"""Columns of queues: service jobs, and what was observed of queues, shares and capacity."""

from data.tables.declaration import Column, Kind

ATTEMPTS = (
    "struct(training_job_arn varchar, started_at timestamptz, ended_at timestamptz,"
    " status_reason varchar, is_preempted boolean)[]"
)
LIMITS = "struct(capacity double, capacity_unit varchar)[]"
WEIGHTS = "struct(share_name varchar, weight_factor double)[]"
WAITING = "struct(service_job_arn varchar, earliest_at timestamptz)[]"
SHARES_WAITING = (
    "struct(share_name varchar, jobs struct(service_job_arn varchar, earliest_at timestamptz)[])[]"
)
USAGE = "struct(capacity_unit varchar, quantity double)[]"
SHARE_USAGE = "struct(share_name varchar, capacity_unit varchar, quantity double)[]"

COLUMNS = (
    # service jobs
    Column(
        "service_job_no", "bigint", "Number of the service job in this database",
        "Service job number", Kind.COUNT,
    ),
    Column(
        "service_job_id", "varchar", "Identifier that AWS Batch gave the job", "Service job ID",
        aws_field="jobId",
    ),
    Column(
        "service_job_arn", "varchar", "ARN of the service job", "Service job ARN",
        aws_field="jobArn",
    ),
    Column(
        "service_job_name", "varchar", "Name under which the service job was submitted",
        "Service job", aws_field="jobName",
    ),
    Column(
        "share_kind", "varchar",
        "Whether the share is a share identifier or a quota share: fair_share or quota",
        "Share kind", Kind.CODE,
    ),
    Column(
        "status_reason", "varchar", "Why the job or attempt has its status, as AWS words it",
        "Status reason", aws_field="statusReason",
    ),
    Column(
        "attempts", ATTEMPTS, "Attempts of the job, one training job each, in order", "Attempts",
        aws_field="attempts, latestAttempt, preemptionSummary.recentPreemptedAttempts",
    ),
    Column(
        "preempted_attempt_count", "bigint", "Attempts that AWS Batch preempted",
        "Preempted attempts", Kind.COUNT, "preemptionSummary.preemptedAttemptCount",
    ),
    Column(
        "retry_attempt_count", "bigint", "Most attempts that the job may use up", "Most attempts",
        Kind.COUNT, "retryStrategy.attempts",
    ),
    Column(
        "preemption_retry_count", "bigint",
        "Preemptions after which the job is queued again; empty is without limit",
        "Preemption retries", Kind.COUNT,
        "preemptionConfiguration.preemptionRetriesBeforeTermination",
    ),
    Column(
        "is_terminated", "boolean", "Whether somebody terminated the job", "Terminated", Kind.FLAG,
        "isTerminated",
    ),
    Column(
        "training_job_arn", "varchar", "ARN of the training job that the attempt ran as",
        "Training job ARN", aws_field="serviceResourceId.value",
    ),
    Column(
        "is_preempted", "boolean", "Whether the attempt ended by preemption; empty is unknown",
        "Preempted", Kind.FLAG,
    ),
    Column(
        "service_job_count", "bigint", "Service jobs that went to the queue", "Service jobs",
        Kind.COUNT,
    ),
    # what is out of date
    Column(
        "stale_from_at", "timestamptz",
        "First time from which the queue is out of date; empty is from its beginning",
        "Out of date from (UTC)", Kind.MOMENT,
    ),
    Column(
        "stale_until_at", "timestamptz",
        "Time until which the queue is out of date; empty is without an end",
        "Out of date until (UTC)", Kind.MOMENT,
    ),
    # observations
    Column(
        "observed_at", "timestamptz",
        "Time of the observation: of the answer, else when its file was imported; of a capacity,"
        " the time from which it holds, empty for always",
        "Observed (UTC)", Kind.MOMENT,
    ),
    Column("queue_arn", "varchar", "ARN of the job queue", "Queue ARN", aws_field="jobQueueArn"),
    Column(
        "state", "varchar",
        "Of a queue or environment ENABLED or DISABLED; of advice open, dismissed or applied",
        "State",
        aws_field="state",
    ),
    Column(
        "queue_priority", "bigint", "Priority among the queues of one environment, higher first",
        "Queue priority", Kind.COUNT, "priority",
    ),
    Column(
        "scheduling_policy_arn", "varchar", "Scheduling policy of the queue", "Scheduling policy",
        aws_field="schedulingPolicyArn",
    ),
    Column(
        "service_environment_arns", "varchar[]",
        "Service environments that the queue sends jobs to, the first choice first",
        "Service environments", aws_field="serviceEnvironmentOrder",
    ),
    Column(
        "environment_name", "varchar", "Name of the service environment", "Environment",
        aws_field="serviceEnvironmentName",
    ),
    Column(
        "environment_arn", "varchar", "ARN of the service environment", "Environment ARN",
        aws_field="serviceEnvironmentArn",
    ),
    Column(
        "capacity_limits", LIMITS, "Most capacity, one entry a unit: NUM_INSTANCES or a type",
        "Capacity limits", aws_field="capacityLimits",
    ),
    Column(
        "policy_name", "varchar", "Name of the scheduling policy", "Policy name", aws_field="name",
    ),
    Column("policy_arn", "varchar", "ARN of the scheduling policy", "Policy ARN", aws_field="arn"),
    Column(
        "share_decay_s", "bigint", "Time over which past usage still counts against a share",
        "Share decay (s)", Kind.SECONDS, "fairsharePolicy.shareDecaySeconds",
    ),
    Column(
        "compute_reservation_pct", "bigint", "Capacity kept for shares that are not active yet",
        "Reservation (%)", Kind.NUMBER, "fairsharePolicy.computeReservation",
    ),
    Column(
        "share_weights", WEIGHTS, "Shares that the policy lists, with the weight factor of each",
        "Share weights", aws_field="fairsharePolicy.shareDistribution",
    ),
    Column(
        "weight_factor", "double", "Weight of usage: the lower, the more capacity the share gets",
        "Weight factor", Kind.NUMBER, "weightFactor",
    ),
    Column(
        "quota_share_arn", "varchar", "ARN of the quota share", "Quota share ARN",
        aws_field="quotaShareArn",
    ),
    Column(
        "sharing_strategy", "varchar",
        "What becomes of idle quota: RESERVE, LEND or LEND_AND_BORROW", "Sharing strategy",
        aws_field="resourceSharingConfiguration.strategy",
    ),
    Column(
        "borrow_limit_pct", "bigint",
        "Most that the share borrows, in per cent of its quota; -1 is unlimited",
        "Borrow limit (%)", Kind.NUMBER, "resourceSharingConfiguration.borrowLimit",
    ),
    Column(
        "has_in_share_preemption", "boolean",
        "Whether a job of the share preempts those of lower priority in it", "In-share preemption",
        Kind.FLAG, "preemptionConfiguration.inSharePreemption",
    ),
    Column(
        "front_of_queue", WAITING, "Jobs at the front of the queue, in order", "Front of queue",
        aws_field="frontOfQueue.jobs",
    ),
    Column(
        "front_of_shares", SHARES_WAITING, "Jobs at the front of each quota share, in order",
        "Front of shares", aws_field="frontOfQuotaShares.quotaShares",
    ),
    Column(
        "capacity_usage", USAGE, "Capacity in use by the queue, one entry a unit",
        "Capacity in use", aws_field="queueUtilization.totalCapacityUsage",
    ),
    Column(
        "share_usage", SHARE_USAGE, "Capacity in use by each share that the snapshot names",
        "Capacity in use by share", aws_field="topCapacityUtilization",
    ),
    Column("capacity", "double", "Capacity that there is, in its unit", "Capacity", Kind.NUMBER),
    Column(
        "capacity_unit", "varchar",
        "What the capacity counts: instances or accelerators; AWS's own unit in its answers",
        "Capacity unit",
    ),
)  # fmt: skip
