"""Columns that describe one training job: as AWS reports it, and as an export brings it."""

from data.tables.declaration import Column, Kind

GROUPS = "struct(group_name varchar, instance_type varchar, instance_count bigint)[]"
TRANSITIONS = (
    "struct(secondary_status varchar, started_at timestamptz,"
    " ended_at timestamptz, status_message varchar)[]"
)
CHANNELS = "struct(channel_name varchar, input_mode varchar, source_kind varchar, uri varchar)[]"
METRICS = 'struct(metric_name varchar, "value" double, recorded_at timestamptz)[]'
TAGS = 'struct("key" varchar, "value" varchar)[]'

COLUMNS = (
    Column("job_id", "bigint", "Number of the job in this database", "Job number", Kind.COUNT),
    Column("account_id", "varchar", "AWS account, or import:<mapping name>", "Account"),
    Column("region", "varchar", "AWS region, or unknown", "Region"),
    Column("job_name", "varchar", "Name of the training job", "Job", aws_field="TrainingJobName"),
    Column(
        "record_kind", "varchar",
        "What AWS call or file the record is: describe, search, summary, event or export",
        "Records", Kind.CODE,
    ),
    Column(
        "input_seq", "bigint", "Position of the record in its file, from 1", "Position", Kind.COUNT,
    ),
    Column(
        "last_modified_at", "timestamptz",
        "When AWS last changed the job: of two records the later one wins", "Last modified (UTC)",
        Kind.MOMENT, "LastModifiedTime",
    ),
    Column("job_arn", "varchar", "ARN of the training job", "Job ARN", aws_field="TrainingJobArn"),
    Column(
        "created_at", "timestamptz", "When the job was created", "Created (UTC)", Kind.MOMENT,
        "CreationTime",
    ),
    Column(
        "eligible_at", "timestamptz",
        "From when the job might start at all, as its scheduler says; empty: from its creation",
        "Eligible (UTC)", Kind.MOMENT,
    ),
    Column(
        "scheduled_at", "timestamptz", "When the job left its queue", "Scheduled (UTC)",
        Kind.MOMENT, "scheduledAt",
    ),
    Column(
        "training_started_at", "timestamptz",
        "When billing of the job starts, before its code runs", "Training started (UTC)",
        Kind.MOMENT, "TrainingStartTime",
    ),
    Column(
        "first_training_at", "timestamptz",
        "When the first Training status begins: the job's code runs", "First training (UTC)",
        Kind.MOMENT, "SecondaryStatusTransitions[].StartTime",
    ),
    Column(
        "training_ended_at", "timestamptz", "When billing of the job ends", "Training ended (UTC)",
        Kind.MOMENT, "TrainingEndTime",
    ),
    Column(
        "status", "varchar", "Status of the job, or of what else the row is about, in AWS's words",
        "Status", aws_field="TrainingJobStatus; of AWS Batch: status",
    ),
    Column(
        "secondary_status", "varchar", "Detailed status, as AWS words it", "Detailed status",
        aws_field="SecondaryStatus",
    ),
    Column(
        "failure_reason", "varchar", "Why the job failed, as AWS words it", "Failure reason",
        aws_field="FailureReason",
    ),
    Column("role_arn", "varchar", "Role that the job runs as", "Role ARN", aws_field="RoleArn"),
    Column(
        "image_uri", "varchar", "Container image that the job trains in", "Image",
        aws_field="AlgorithmSpecification.TrainingImage",
    ),
    Column(
        "algorithm_name", "varchar",
        "Algorithm that the job trains with, where it has no image of its own", "Algorithm",
        aws_field="AlgorithmSpecification.AlgorithmName",
    ),
    Column(
        "metric_names", "varchar[]", "Names of the metrics that the job's algorithm writes",
        "Metrics of the algorithm", aws_field="AlgorithmSpecification.MetricDefinitions",
    ),
    Column(
        "instance_groups", GROUPS,
        "Instance groups of the cluster, one entry each, whichever form of request asked for them",
        "Instance groups", aws_field="ResourceConfig",
    ),
    Column(
        "is_grouped", "boolean", "Whether the request listed instance groups", "Asked for by group",
        Kind.FLAG, "ResourceConfig.InstanceGroups",
    ),
    Column(
        "accelerator_count", "double", "Accelerators of the whole cluster", "Accelerators",
        Kind.COUNT,
    ),
    Column(
        "volume_size_gib", "double", "Storage volume of one instance", "Volume (GiB)", Kind.COUNT,
        "ResourceConfig.VolumeSizeInGB",
    ),
    Column(
        "volume_kms_key_id", "varchar", "Key that encrypts the storage volume", "Volume key",
        aws_field="ResourceConfig.VolumeKmsKeyId",
    ),
    Column(
        "security_group_ids", "varchar[]", "Security groups of the job", "Security groups",
        aws_field="VpcConfig.SecurityGroupIds",
    ),
    Column("subnets", "varchar[]", "Subnets of the job", "Subnets", aws_field="VpcConfig.Subnets"),
    Column(
        "has_inter_container_encryption", "boolean",
        "Whether traffic between the job's containers is encrypted", "Traffic encrypted", Kind.FLAG,
        "EnableInterContainerTrafficEncryption",
    ),
    Column(
        "is_time_unclear", "boolean",
        "Whether a time without an offset lies in the hour that autumn repeats, and both readings"
        " fit: the later one counts", "Time unclear", Kind.FLAG,
    ),
    Column(
        "has_network_isolation", "boolean",
        "Whether the job's containers are cut off from the network", "Network isolation", Kind.FLAG,
        "EnableNetworkIsolation",
    ),
    Column(
        "is_spot", "boolean", "Whether the job is managed spot training", "Managed spot", Kind.FLAG,
        "EnableManagedSpotTraining",
    ),
    Column(
        "is_serverless", "boolean", "Whether the job is serverless, and billed by tokens",
        "Serverless", Kind.FLAG, "ServerlessJobConfig",
    ),
    Column(
        "is_profiled", "boolean", "Whether the profiler watches the job; empty is unknown",
        "Profiled", Kind.FLAG, "ProfilerConfig.DisableProfiler",
    ),
    Column(
        "keep_alive_period_s", "bigint",
        "Longest time that AWS keeps the cluster after a job; 0 is none, empty is unknown",
        "Keep-alive (s)", Kind.COUNT, "ResourceConfig.KeepAlivePeriodInSeconds",
    ),
    Column(
        "training_plan_arn", "varchar", "Training plan that the job runs under, paid upfront",
        "Training plan", aws_field="ResourceConfig.TrainingPlanArn",
    ),
    Column(
        "tuning_job_arn", "varchar", "Tuning job that created the job", "Tuning job",
        aws_field="TuningJobArn",
    ),
    Column(
        "auto_ml_job_arn", "varchar", "AutoML job that created the job", "AutoML job",
        aws_field="AutoMLJobArn",
    ),
    Column(
        "input_mode", "varchar",
        "How input data arrives: File, FastFile, Pipe, FSxLustre, EFS, mixed or none", "Input mode",
        Kind.CODE, "TrainingInputMode",
    ),
    Column(
        "input_channels", CHANNELS, "Input channels, one entry each", "Input channels",
        aws_field="InputDataConfig",
    ),
    Column(
        "status_transitions", TRANSITIONS, "Visits of detailed statuses, one entry each, in order",
        "Status history", aws_field="SecondaryStatusTransitions",
    ),
    Column(
        "final_metrics", METRICS, "Metrics that the job ended with, one entry each",
        "Final metrics", aws_field="FinalMetricDataList",
    ),
    Column("tags", TAGS, "Resource tags, where the record has them", "Tags", aws_field="Tags"),
    Column(
        "warm_pool_status", "varchar", "What became of the cluster after the job, as last seen",
        "Warm pool status", aws_field="WarmPoolStatus.Status",
    ),
    Column(
        "retained_s", "double",
        "Time that a cluster is kept warm and billed after its job; summed, a second of each "
        "cluster; empty is unknown",
        "Retained (s)", Kind.SECONDS, "WarmPoolStatus.ResourceRetainedBillableTimeInSeconds",
    ),
    Column(
        "reused_by_job_name", "varchar", "Job that reused the cluster, as AWS names it",
        "Reusing job", aws_field="WarmPoolStatus.ReusedByJob",
    ),
    Column(
        "training_time_s", "double", "Training time that AWS reports", "Training time (s)",
        Kind.SECONDS, "TrainingTimeInSeconds",
    ),
    Column(
        "billable_s", "double", "Wall clock time of the job that AWS bills, for each instance",
        "Billable (s)", Kind.SECONDS, "BillableTimeInSeconds",
    ),
    Column(
        "max_runtime_s", "bigint", "Longest time that the job may run", "Longest run (s)",
        Kind.SECONDS, "StoppingCondition.MaxRuntimeInSeconds",
    ),
    Column(
        "user_name", "varchar", "Who runs the job: by mapping, else by tag, else by user profile",
        "User",
    ),
    Column(
        "share_name", "varchar", "Share identifier or quota share that the job counts towards",
        "Share", aws_field="shareIdentifier, quotaShareName",
    ),
    Column("queue_name", "varchar", "Job queue that the job came through", "Queue"),
    Column(
        "scheduling_priority", "bigint", "Priority within the share, higher first", "Priority",
        Kind.COUNT, "schedulingPriority",
    ),
    Column(
        "capacity_instance_count", "bigint",
        "Instances that the queue had in all when the job was created",
        "Queue capacity (instances)", Kind.COUNT,
    ),
    Column(
        "cpu_utilization_ratio", "double", "Mean CPU utilization, weighted by vCPUs and time",
        "CPU utilization", Kind.RATIO, "CPUUtilization",
    ),
    Column(
        "gpu_utilization_ratio", "double", "Mean GPU utilization, weighted by GPUs and time",
        "GPU utilization", Kind.RATIO, "GPUUtilization",
    ),
    Column(
        "step_time_ms", "double", "Mean time of one training step", "Step time (ms)", Kind.NUMBER,
    ),
    Column(
        "workload", "varchar", "What is trained: configurations of one workload can be compared",
        "Workload",
    ),
    Column("configuration", "varchar", "Label of the configuration", "Configuration"),
    Column(
        "version_count", "integer", "Different records that the job is merged from",
        "Record versions", Kind.COUNT,
    ),
    # of the lists of a job
    Column("position", "bigint", "Position in its list, from 1", "Position in list", Kind.COUNT),
    Column(
        "group_name", "varchar", "Name of the instance group", "Group name",
        aws_field="InstanceGroupName",
    ),
    Column(
        "instance_type", "varchar", "SageMaker instance type; mixed for several groups",
        "Instance type", aws_field="InstanceType",
    ),
    Column(
        "instance_count", "bigint", "Instances of the cluster, or of one of its groups",
        "Instances", Kind.COUNT, "InstanceCount",
    ),
    Column("started_at", "timestamptz", "When it began", "Started (UTC)", Kind.MOMENT, "StartTime"),
    Column(
        "ended_at", "timestamptz", "When it ended; empty while it lasts", "Ended (UTC)",
        Kind.MOMENT, "EndTime",
    ),
    Column(
        "status_message", "varchar", "Last message that AWS gave with the status", "Status message",
        aws_field="StatusMessage",
    ),
    Column(
        "channel_name", "varchar", "Name of the input channel", "Channel", aws_field="ChannelName",
    ),
    Column(
        "source_kind", "varchar", "Where the channel's data lies: s3, FSxLustre, EFS or other",
        "Storage",
    ),
    Column("uri", "varchar", "Address of the channel's data: S3, or a file system", "Data address"),
    Column("metric_name", "varchar", "Name of the metric", "Metric", aws_field="MetricName"),
    Column(
        "metric_value", "double", "Value of the metric", "Value", Kind.NUMBER, aws_field="Value",
    ),
    Column(
        "recorded_at", "timestamptz", "When the metric was recorded", "Recorded (UTC)", Kind.MOMENT,
        "Timestamp",
    ),
)  # fmt: skip
