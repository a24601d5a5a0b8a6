"""The columns of one job record, as every source hands it to the merge."""

from dataclasses import dataclass
from enum import Enum


class Merge(Enum):
    """Which of several values of one field the store keeps."""

    KEY = "part of the natural key"
    NEWEST = "the newest value that is not null"
    LONGEST = "the list with most entries, then the newest"
    ADVANCED = "the furthest warm pool status, then the newest"
    RECORD = "describes the record itself; taken from the newest record"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its DuckDB type, what it holds, and how versions of it merge."""

    type: str
    comment: str
    merge: Merge = Merge.NEWEST


GROUPS = "struct(group_name varchar, instance_type varchar, instance_count bigint)[]"
TRANSITIONS = (
    "struct(secondary_status varchar, started_at timestamptz,"
    " ended_at timestamptz, status_message varchar)[]"
)
CHANNELS = "struct(channel_name varchar, input_mode varchar, source_kind varchar, uri varchar)[]"
METRICS = 'struct(metric_name varchar, "value" double, recorded_at timestamptz)[]'
TAGS = 'struct("key" varchar, "value" varchar)[]'

KEY = ("account_id", "region", "job_name")

COLUMNS: dict[str, Column] = {
    "account_id": Column("varchar", "AWS account, or import:<mapping name>", Merge.KEY),
    "region": Column("varchar", "AWS region, or unknown", Merge.KEY),
    "job_name": Column("varchar", "TrainingJobName", Merge.KEY),
    "record_kind": Column("varchar", "describe, search, summary, event or export", Merge.RECORD),
    "input_seq": Column("bigint", "Position in its file, from 1", Merge.RECORD),
    "last_modified_at": Column("timestamptz", "LastModifiedTime", Merge.RECORD),
    "job_arn": Column("varchar", "TrainingJobArn"),
    "created_at": Column("timestamptz", "CreationTime"),
    "scheduled_at": Column("timestamptz", "When the job left its queue"),
    "training_started_at": Column("timestamptz", "TrainingStartTime; billing starts"),
    "first_training_at": Column("timestamptz", "Start of the first Training transition"),
    "training_ended_at": Column("timestamptz", "TrainingEndTime; billing ends"),
    "status": Column("varchar", "TrainingJobStatus"),
    "secondary_status": Column("varchar", "SecondaryStatus"),
    "failure_reason": Column("varchar", "FailureReason"),
    "role_arn": Column("varchar", "RoleArn"),
    "image_uri": Column("varchar", "AlgorithmSpecification.TrainingImage"),
    "algorithm_name": Column("varchar", "AlgorithmSpecification.AlgorithmName"),
    "instance_groups": Column(GROUPS, "One entry a group; every ResourceConfig form ends here"),
    "is_grouped": Column("boolean", "Whether ResourceConfig used InstanceGroups"),
    "accelerator_count": Column("bigint", "Accelerators of the whole job, where an export says"),
    "volume_size_gib": Column("double", "ResourceConfig.VolumeSizeInGB, GiB an instance"),
    "volume_kms_key_id": Column("varchar", "ResourceConfig.VolumeKmsKeyId"),
    "security_group_ids": Column("varchar[]", "VpcConfig.SecurityGroupIds"),
    "subnets": Column("varchar[]", "VpcConfig.Subnets"),
    "has_inter_container_encryption": Column("boolean", "EnableInterContainerTrafficEncryption"),
    "has_network_isolation": Column("boolean", "EnableNetworkIsolation"),
    "is_spot": Column("boolean", "EnableManagedSpotTraining"),
    "is_serverless": Column("boolean", "ServerlessJobConfig is present; billed by tokens"),
    "keep_alive_period_s": Column("bigint", "KeepAlivePeriodInSeconds, s"),
    "training_plan_arn": Column("varchar", "TrainingPlanArn; paid upfront"),
    "tuning_job_arn": Column("varchar", "TuningJobArn"),
    "auto_ml_job_arn": Column("varchar", "AutoMLJobArn"),
    "input_mode": Column("varchar", "File, FastFile, Pipe, FSxLustre, EFS, mixed or none"),
    "input_channels": Column(CHANNELS, "One entry a channel", Merge.LONGEST),
    "status_transitions": Column(
        TRANSITIONS, "One entry a visit of a secondary status", Merge.LONGEST
    ),
    "final_metrics": Column(METRICS, "FinalMetricDataList", Merge.LONGEST),
    "tags": Column(TAGS, "Resource tags, where the source has them"),
    "warm_pool_status": Column("varchar", "WarmPoolStatus.Status", Merge.ADVANCED),
    "retained_s": Column("double", "ResourceRetainedBillableTimeInSeconds, s a cluster"),
    "reused_by_job_name": Column("varchar", "WarmPoolStatus.ReusedByJob"),
    "training_time_s": Column("double", "TrainingTimeInSeconds, s"),
    "billable_s": Column("double", "BillableTimeInSeconds, s of wall clock"),
    "max_runtime_s": Column("bigint", "StoppingCondition.MaxRuntimeInSeconds, s"),
    "user_name": Column("varchar", "Who runs the job, by mapping, tag or user profile"),
    "share_name": Column("varchar", "Share identifier or quota share"),
    "queue_name": Column("varchar", "Job queue"),
    "scheduling_priority": Column("bigint", "Priority within the share, higher first"),
    "pool_key": Column("varchar", "Pool key that an export brought itself"),
    "startup_latency_s": Column("double", "Startup latency that an export brought itself, s"),
    "provisioning_s": Column("double", "Provisioning that an export brought itself, s"),
    "download_s": Column("double", "Billed download that an export brought itself, s"),
    "capacity_instance_count": Column("bigint", "Capacity of the queue at that time, instances"),
    "cpu_utilization_ratio": Column("double", "Mean CPU utilisation, 0 to 1"),
    "gpu_utilization_ratio": Column("double", "Mean GPU utilisation, 0 to 1"),
    "step_time_ms": Column("double", "Mean time of a training step, ms"),
    "workload": Column("varchar", "What is trained, for comparing configurations"),
    "configuration": Column("varchar", "Configuration label"),
    "list_unit_price_usd_per_h": Column(
        "double", "Price of one instance that an export brought itself, USD/h"
    ),
}
