-- The first schema: job records, prices, ingest bookkeeping.
-- Names and units: docs/glossary.md. Times are UTC.

create table store_state (
    version bigint not null, published_at timestamptz not null default now()
);
insert into store_state (version) values (1);

create sequence ingest_run_ids;
create sequence job_ids;

create table training_jobs (
    job_id bigint not null,
    account_id varchar,
    region varchar,
    job_name varchar,
    record_kind varchar,
    input_seq bigint,
    last_modified_at timestamptz,
    job_arn varchar,
    created_at timestamptz,
    scheduled_at timestamptz,
    training_started_at timestamptz,
    first_training_at timestamptz,
    training_ended_at timestamptz,
    status varchar,
    secondary_status varchar,
    failure_reason varchar,
    role_arn varchar,
    image_uri varchar,
    algorithm_name varchar,
    instance_groups struct(group_name varchar, instance_type varchar, instance_count bigint)[],
    is_grouped boolean,
    accelerator_count bigint,
    volume_size_gib double,
    volume_kms_key_id varchar,
    security_group_ids varchar[],
    subnets varchar[],
    has_inter_container_encryption boolean,
    has_network_isolation boolean,
    is_spot boolean,
    is_serverless boolean,
    keep_alive_period_s bigint,
    training_plan_arn varchar,
    tuning_job_arn varchar,
    auto_ml_job_arn varchar,
    input_mode varchar,
    input_channels struct(channel_name varchar, input_mode varchar, source_kind varchar, uri varchar)[],
    status_transitions struct(secondary_status varchar, started_at timestamptz, ended_at timestamptz, status_message varchar)[],
    final_metrics struct(metric_name varchar, "value" double, recorded_at timestamptz)[],
    tags struct("key" varchar, "value" varchar)[],
    warm_pool_status varchar,
    retained_s double,
    reused_by_job_name varchar,
    training_time_s double,
    billable_s double,
    max_runtime_s bigint,
    user_name varchar,
    share_name varchar,
    queue_name varchar,
    scheduling_priority bigint,
    pool_key varchar,
    startup_latency_s double,
    provisioning_s double,
    download_s double,
    capacity_instance_count bigint,
    cpu_utilization_ratio double,
    gpu_utilization_ratio double,
    step_time_ms double,
    workload varchar,
    configuration varchar,
    list_unit_price_usd_per_h double,
    ingest_run_id bigint,
    fetched_at timestamptz,
    content_hash varchar,
    record_hash ubigint,
    version_count integer not null default 1
);

create table training_job_versions (
    account_id varchar,
    region varchar,
    job_name varchar,
    record_kind varchar,
    input_seq bigint,
    last_modified_at timestamptz,
    job_arn varchar,
    created_at timestamptz,
    scheduled_at timestamptz,
    training_started_at timestamptz,
    first_training_at timestamptz,
    training_ended_at timestamptz,
    status varchar,
    secondary_status varchar,
    failure_reason varchar,
    role_arn varchar,
    image_uri varchar,
    algorithm_name varchar,
    instance_groups struct(group_name varchar, instance_type varchar, instance_count bigint)[],
    is_grouped boolean,
    accelerator_count bigint,
    volume_size_gib double,
    volume_kms_key_id varchar,
    security_group_ids varchar[],
    subnets varchar[],
    has_inter_container_encryption boolean,
    has_network_isolation boolean,
    is_spot boolean,
    is_serverless boolean,
    keep_alive_period_s bigint,
    training_plan_arn varchar,
    tuning_job_arn varchar,
    auto_ml_job_arn varchar,
    input_mode varchar,
    input_channels struct(channel_name varchar, input_mode varchar, source_kind varchar, uri varchar)[],
    status_transitions struct(secondary_status varchar, started_at timestamptz, ended_at timestamptz, status_message varchar)[],
    final_metrics struct(metric_name varchar, "value" double, recorded_at timestamptz)[],
    tags struct("key" varchar, "value" varchar)[],
    warm_pool_status varchar,
    retained_s double,
    reused_by_job_name varchar,
    training_time_s double,
    billable_s double,
    max_runtime_s bigint,
    user_name varchar,
    share_name varchar,
    queue_name varchar,
    scheduling_priority bigint,
    pool_key varchar,
    startup_latency_s double,
    provisioning_s double,
    download_s double,
    capacity_instance_count bigint,
    cpu_utilization_ratio double,
    gpu_utilization_ratio double,
    step_time_ms double,
    workload varchar,
    configuration varchar,
    list_unit_price_usd_per_h double,
    ingest_run_id bigint,
    fetched_at timestamptz,
    content_hash varchar,
    record_hash ubigint
);

comment on table training_jobs is 'One row a training job, merged from all its records';
comment on table training_job_versions is 'The records of jobs that have more than one';

comment on column training_jobs.job_id is 'Number of the job in this database';
comment on column training_jobs.account_id is 'AWS account, or import:<mapping name>';
comment on column training_jobs.region is 'AWS region, or unknown';
comment on column training_jobs.job_name is 'TrainingJobName';
comment on column training_jobs.record_kind is 'describe, search, summary, event or export';
comment on column training_jobs.input_seq is 'Position in its file, from 1';
comment on column training_jobs.last_modified_at is 'LastModifiedTime';
comment on column training_jobs.job_arn is 'TrainingJobArn';
comment on column training_jobs.created_at is 'CreationTime';
comment on column training_jobs.scheduled_at is 'When the job left its queue';
comment on column training_jobs.training_started_at is 'TrainingStartTime; billing starts';
comment on column training_jobs.first_training_at is 'Start of the first Training transition';
comment on column training_jobs.training_ended_at is 'TrainingEndTime; billing ends';
comment on column training_jobs.status is 'TrainingJobStatus';
comment on column training_jobs.secondary_status is 'SecondaryStatus';
comment on column training_jobs.failure_reason is 'FailureReason';
comment on column training_jobs.role_arn is 'RoleArn';
comment on column training_jobs.image_uri is 'AlgorithmSpecification.TrainingImage';
comment on column training_jobs.algorithm_name is 'AlgorithmSpecification.AlgorithmName';
comment on column training_jobs.instance_groups is 'One entry a group; every ResourceConfig form ends here';
comment on column training_jobs.is_grouped is 'Whether ResourceConfig used InstanceGroups';
comment on column training_jobs.accelerator_count is 'Accelerators of the whole job, where an export says';
comment on column training_jobs.volume_size_gib is 'ResourceConfig.VolumeSizeInGB, GiB an instance';
comment on column training_jobs.volume_kms_key_id is 'ResourceConfig.VolumeKmsKeyId';
comment on column training_jobs.security_group_ids is 'VpcConfig.SecurityGroupIds';
comment on column training_jobs.subnets is 'VpcConfig.Subnets';
comment on column training_jobs.has_inter_container_encryption is 'EnableInterContainerTrafficEncryption';
comment on column training_jobs.has_network_isolation is 'EnableNetworkIsolation';
comment on column training_jobs.is_spot is 'EnableManagedSpotTraining';
comment on column training_jobs.is_serverless is 'ServerlessJobConfig is present; billed by tokens';
comment on column training_jobs.keep_alive_period_s is 'KeepAlivePeriodInSeconds, s';
comment on column training_jobs.training_plan_arn is 'TrainingPlanArn; paid upfront';
comment on column training_jobs.tuning_job_arn is 'TuningJobArn';
comment on column training_jobs.auto_ml_job_arn is 'AutoMLJobArn';
comment on column training_jobs.input_mode is 'File, FastFile, Pipe, FSxLustre, EFS, mixed or none';
comment on column training_jobs.input_channels is 'One entry a channel';
comment on column training_jobs.status_transitions is 'One entry a visit of a secondary status';
comment on column training_jobs.final_metrics is 'FinalMetricDataList';
comment on column training_jobs.tags is 'Resource tags, where the source has them';
comment on column training_jobs.warm_pool_status is 'WarmPoolStatus.Status';
comment on column training_jobs.retained_s is 'ResourceRetainedBillableTimeInSeconds, s a cluster';
comment on column training_jobs.reused_by_job_name is 'WarmPoolStatus.ReusedByJob';
comment on column training_jobs.training_time_s is 'TrainingTimeInSeconds, s';
comment on column training_jobs.billable_s is 'BillableTimeInSeconds, s of wall clock';
comment on column training_jobs.max_runtime_s is 'StoppingCondition.MaxRuntimeInSeconds, s';
comment on column training_jobs.user_name is 'Who runs the job, by mapping, tag or user profile';
comment on column training_jobs.share_name is 'Share identifier or quota share';
comment on column training_jobs.queue_name is 'Job queue';
comment on column training_jobs.scheduling_priority is 'Priority within the share, higher first';
comment on column training_jobs.pool_key is 'Pool key that an export brought itself';
comment on column training_jobs.startup_latency_s is 'Startup latency that an export brought itself, s';
comment on column training_jobs.provisioning_s is 'Provisioning that an export brought itself, s';
comment on column training_jobs.download_s is 'Billed download that an export brought itself, s';
comment on column training_jobs.capacity_instance_count is 'Capacity of the queue at that time, instances';
comment on column training_jobs.cpu_utilization_ratio is 'Mean CPU utilisation, 0 to 1';
comment on column training_jobs.gpu_utilization_ratio is 'Mean GPU utilisation, 0 to 1';
comment on column training_jobs.step_time_ms is 'Mean time of a training step, ms';
comment on column training_jobs.workload is 'What is trained, for comparing configurations';
comment on column training_jobs.configuration is 'Configuration label';
comment on column training_jobs.list_unit_price_usd_per_h is 'Price of one instance that an export brought itself, USD/h';
comment on column training_jobs.ingest_run_id is 'Run that brought the newest record';
comment on column training_jobs.fetched_at is 'When that record was landed';
comment on column training_jobs.content_hash is 'SHA-256 of the landed file it came from';
comment on column training_jobs.record_hash is 'Hash of the record''s fields: equal records are one';
comment on column training_jobs.version_count is 'How many different records the row is merged from';
comment on column training_job_versions.account_id is 'AWS account, or import:<mapping name>';
comment on column training_job_versions.region is 'AWS region, or unknown';
comment on column training_job_versions.job_name is 'TrainingJobName';
comment on column training_job_versions.record_kind is 'describe, search, summary, event or export';
comment on column training_job_versions.input_seq is 'Position in its file, from 1';
comment on column training_job_versions.last_modified_at is 'LastModifiedTime';
comment on column training_job_versions.job_arn is 'TrainingJobArn';
comment on column training_job_versions.created_at is 'CreationTime';
comment on column training_job_versions.scheduled_at is 'When the job left its queue';
comment on column training_job_versions.training_started_at is 'TrainingStartTime; billing starts';
comment on column training_job_versions.first_training_at is 'Start of the first Training transition';
comment on column training_job_versions.training_ended_at is 'TrainingEndTime; billing ends';
comment on column training_job_versions.status is 'TrainingJobStatus';
comment on column training_job_versions.secondary_status is 'SecondaryStatus';
comment on column training_job_versions.failure_reason is 'FailureReason';
comment on column training_job_versions.role_arn is 'RoleArn';
comment on column training_job_versions.image_uri is 'AlgorithmSpecification.TrainingImage';
comment on column training_job_versions.algorithm_name is 'AlgorithmSpecification.AlgorithmName';
comment on column training_job_versions.instance_groups is 'One entry a group; every ResourceConfig form ends here';
comment on column training_job_versions.is_grouped is 'Whether ResourceConfig used InstanceGroups';
comment on column training_job_versions.accelerator_count is 'Accelerators of the whole job, where an export says';
comment on column training_job_versions.volume_size_gib is 'ResourceConfig.VolumeSizeInGB, GiB an instance';
comment on column training_job_versions.volume_kms_key_id is 'ResourceConfig.VolumeKmsKeyId';
comment on column training_job_versions.security_group_ids is 'VpcConfig.SecurityGroupIds';
comment on column training_job_versions.subnets is 'VpcConfig.Subnets';
comment on column training_job_versions.has_inter_container_encryption is 'EnableInterContainerTrafficEncryption';
comment on column training_job_versions.has_network_isolation is 'EnableNetworkIsolation';
comment on column training_job_versions.is_spot is 'EnableManagedSpotTraining';
comment on column training_job_versions.is_serverless is 'ServerlessJobConfig is present; billed by tokens';
comment on column training_job_versions.keep_alive_period_s is 'KeepAlivePeriodInSeconds, s';
comment on column training_job_versions.training_plan_arn is 'TrainingPlanArn; paid upfront';
comment on column training_job_versions.tuning_job_arn is 'TuningJobArn';
comment on column training_job_versions.auto_ml_job_arn is 'AutoMLJobArn';
comment on column training_job_versions.input_mode is 'File, FastFile, Pipe, FSxLustre, EFS, mixed or none';
comment on column training_job_versions.input_channels is 'One entry a channel';
comment on column training_job_versions.status_transitions is 'One entry a visit of a secondary status';
comment on column training_job_versions.final_metrics is 'FinalMetricDataList';
comment on column training_job_versions.tags is 'Resource tags, where the source has them';
comment on column training_job_versions.warm_pool_status is 'WarmPoolStatus.Status';
comment on column training_job_versions.retained_s is 'ResourceRetainedBillableTimeInSeconds, s a cluster';
comment on column training_job_versions.reused_by_job_name is 'WarmPoolStatus.ReusedByJob';
comment on column training_job_versions.training_time_s is 'TrainingTimeInSeconds, s';
comment on column training_job_versions.billable_s is 'BillableTimeInSeconds, s of wall clock';
comment on column training_job_versions.max_runtime_s is 'StoppingCondition.MaxRuntimeInSeconds, s';
comment on column training_job_versions.user_name is 'Who runs the job, by mapping, tag or user profile';
comment on column training_job_versions.share_name is 'Share identifier or quota share';
comment on column training_job_versions.queue_name is 'Job queue';
comment on column training_job_versions.scheduling_priority is 'Priority within the share, higher first';
comment on column training_job_versions.pool_key is 'Pool key that an export brought itself';
comment on column training_job_versions.startup_latency_s is 'Startup latency that an export brought itself, s';
comment on column training_job_versions.provisioning_s is 'Provisioning that an export brought itself, s';
comment on column training_job_versions.download_s is 'Billed download that an export brought itself, s';
comment on column training_job_versions.capacity_instance_count is 'Capacity of the queue at that time, instances';
comment on column training_job_versions.cpu_utilization_ratio is 'Mean CPU utilisation, 0 to 1';
comment on column training_job_versions.gpu_utilization_ratio is 'Mean GPU utilisation, 0 to 1';
comment on column training_job_versions.step_time_ms is 'Mean time of a training step, ms';
comment on column training_job_versions.workload is 'What is trained, for comparing configurations';
comment on column training_job_versions.configuration is 'Configuration label';
comment on column training_job_versions.list_unit_price_usd_per_h is 'Price of one instance that an export brought itself, USD/h';
comment on column training_job_versions.ingest_run_id is 'Run that brought the newest record';
comment on column training_job_versions.fetched_at is 'When that record was landed';
comment on column training_job_versions.content_hash is 'SHA-256 of the landed file it came from';
comment on column training_job_versions.record_hash is 'Hash of the record''s fields: equal records are one';

create view instance_groups as
select
    job_id,
    account_id,
    region,
    job_name,
    entry.position,
    (entry.item).group_name as group_name,
    (entry.item).instance_type as instance_type,
    (entry.item).instance_count as instance_count
from training_jobs, lateral (
    select unnest(instance_groups) as item, generate_subscripts(instance_groups, 1) as position
) as entry;
comment on view instance_groups is 'One row an instance group of a job';
comment on column instance_groups.job_id is 'Number of the job in this database';
comment on column instance_groups.account_id is 'AWS account, or import:<mapping name>';
comment on column instance_groups.region is 'AWS region, or unknown';
comment on column instance_groups.job_name is 'TrainingJobName';
comment on column instance_groups.position is 'Position in its list, from 1';
comment on column instance_groups.group_name is 'InstanceGroupName';
comment on column instance_groups.instance_type is 'InstanceType';
comment on column instance_groups.instance_count is 'InstanceCount';

create view status_transitions as
select
    job_id,
    account_id,
    region,
    job_name,
    entry.position,
    (entry.item).secondary_status as secondary_status,
    (entry.item).started_at as started_at,
    (entry.item).ended_at as ended_at,
    (entry.item).status_message as status_message
from training_jobs, lateral (
    select unnest(status_transitions) as item, generate_subscripts(status_transitions, 1) as position
) as entry;
comment on view status_transitions is 'One row a visit of a secondary status';
comment on column status_transitions.job_id is 'Number of the job in this database';
comment on column status_transitions.account_id is 'AWS account, or import:<mapping name>';
comment on column status_transitions.region is 'AWS region, or unknown';
comment on column status_transitions.job_name is 'TrainingJobName';
comment on column status_transitions.position is 'Position in its list, from 1';
comment on column status_transitions.secondary_status is 'Status, as AWS wrote it';
comment on column status_transitions.started_at is 'StartTime';
comment on column status_transitions.ended_at is 'EndTime; empty while it lasts';
comment on column status_transitions.status_message is 'StatusMessage, the last of that visit';

create view input_channels as
select
    job_id,
    account_id,
    region,
    job_name,
    entry.position,
    (entry.item).channel_name as channel_name,
    (entry.item).input_mode as input_mode,
    (entry.item).source_kind as source_kind,
    (entry.item).uri as uri
from training_jobs, lateral (
    select unnest(input_channels) as item, generate_subscripts(input_channels, 1) as position
) as entry;
comment on view input_channels is 'One row an input channel';
comment on column input_channels.job_id is 'Number of the job in this database';
comment on column input_channels.account_id is 'AWS account, or import:<mapping name>';
comment on column input_channels.region is 'AWS region, or unknown';
comment on column input_channels.job_name is 'TrainingJobName';
comment on column input_channels.position is 'Position in its list, from 1';
comment on column input_channels.channel_name is 'ChannelName';
comment on column input_channels.input_mode is 'Effective input mode of the channel';
comment on column input_channels.source_kind is 's3, FSxLustre, EFS or other';
comment on column input_channels.uri is 'S3 address or file system';

create view final_metrics as
select
    job_id,
    account_id,
    region,
    job_name,
    entry.position,
    (entry.item).metric_name as metric_name,
    (entry.item)."value" as metric_value,
    (entry.item).recorded_at as recorded_at
from training_jobs, lateral (
    select unnest(final_metrics) as item, generate_subscripts(final_metrics, 1) as position
) as entry;
comment on view final_metrics is 'One row a final metric';
comment on column final_metrics.job_id is 'Number of the job in this database';
comment on column final_metrics.account_id is 'AWS account, or import:<mapping name>';
comment on column final_metrics.region is 'AWS region, or unknown';
comment on column final_metrics.job_name is 'TrainingJobName';
comment on column final_metrics.position is 'Position in its list, from 1';
comment on column final_metrics.metric_name is 'MetricName';
comment on column final_metrics.metric_value is 'Value';
comment on column final_metrics.recorded_at is 'Timestamp';

create table reference_state (content_hash varchar not null);
comment on table reference_state is 'Which shipped reference files are loaded';
comment on column reference_state.content_hash is 'SHA-256 of the files';
comment on table store_state is 'How often the database was written';
comment on column store_state.version is 'Grows with every write';
comment on column store_state.published_at is 'When the version was published';

create table ingest_runs (
    ingest_run_id bigint not null,
    event_name varchar not null unique,
    kind varchar not null,
    source varchar not null,
    file_name varchar not null,
    content_hash varchar not null,
    mapping_hash varchar not null,
    mapping_name varchar,
    fetched_at timestamptz not null,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    row_count bigint not null,
    accepted_count bigint not null,
    unchanged_count bigint not null,
    rejected_count bigint not null,
    first_created_at timestamptz,
    last_created_at timestamptz,
    is_superseded boolean not null default false
);
comment on table ingest_runs is 'One row a file that was taken in';
comment on column ingest_runs.ingest_run_id is 'Number of the run';
comment on column ingest_runs.event_name is 'Name of the landed event';
comment on column ingest_runs.kind is 'What the file holds: jobs or prices';
comment on column ingest_runs.source is 'How the file was read';
comment on column ingest_runs.file_name is 'Name of the file as it was given';
comment on column ingest_runs.content_hash is 'SHA-256 of the landed file';
comment on column ingest_runs.mapping_hash is 'SHA-256 of the mapping, empty without one';
comment on column ingest_runs.mapping_name is 'Name of the mapping';
comment on column ingest_runs.fetched_at is 'When the file was landed';
comment on column ingest_runs.started_at is 'When the merge began';
comment on column ingest_runs.finished_at is 'When the merge was done';
comment on column ingest_runs.row_count is 'Records found in the file';
comment on column ingest_runs.accepted_count is 'Records that were new or changed something';
comment on column ingest_runs.unchanged_count is 'Records that were known already';
comment on column ingest_runs.rejected_count is 'Records that could not be used; see rejected_rows';
comment on column ingest_runs.first_created_at is 'Earliest job creation in the file';
comment on column ingest_runs.last_created_at is 'Latest job creation in the file';
comment on column ingest_runs.is_superseded is 'Whether a corrected mapping took its place';

create table rejected_rows (
    ingest_run_id bigint not null,
    file_name varchar not null,
    row_number bigint not null,
    reason varchar not null,
    next_action varchar not null,
    raw varchar
);
comment on table rejected_rows is 'One row a record that could not be used';
comment on column rejected_rows.ingest_run_id is 'Run that met it';
comment on column rejected_rows.file_name is 'Name of the file as it was given';
comment on column rejected_rows.row_number is 'Record number in the file, from 1';
comment on column rejected_rows.reason is 'What is wrong';
comment on column rejected_rows.next_action is 'What to do about it';
comment on column rejected_rows.raw is 'The record as landed; length and hash where it could not be parsed';

create table touched_jobs (job_id bigint not null);
comment on table touched_jobs is 'Jobs whose derived rows are out of date';
comment on column touched_jobs.job_id is 'Number of the job in this database';

create table prices (
    instance_type varchar not null,
    region varchar not null,
    component varchar not null,
    list_unit_price_usd_per_h double not null,
    low_usd_per_h double,
    high_usd_per_h double,
    effective_from date not null,
    as_of_date date,
    source varchar not null,
    note varchar,
    is_users boolean not null,
    ingest_run_id bigint
);
comment on table prices is 'List prices of one instance, effective-dated, each with its source';
comment on column prices.instance_type is 'SageMaker instance type';
comment on column prices.region is 'AWS region';
comment on column prices.component is 'training, estimate, or another SageMaker component';
comment on column prices.list_unit_price_usd_per_h is 'On-demand list price, USD an instance-hour';
comment on column prices.low_usd_per_h is 'Lower bound, USD an instance-hour';
comment on column prices.high_usd_per_h is 'Upper bound, USD an instance-hour';
comment on column prices.effective_from is 'First day of the price';
comment on column prices.as_of_date is 'Day the source was read';
comment on column prices.source is 'Where the figure comes from';
comment on column prices.note is 'What to know about the figure';
comment on column prices.is_users is 'Whether a user added it; it then goes before ours';
comment on column prices.ingest_run_id is 'Run that brought it, for a user''s price';

create table aws_limits (
    limit_name varchar not null,
    limit_value double not null,
    unit varchar not null,
    as_of_date date not null,
    source varchar not null,
    note varchar
);
comment on table aws_limits is 'Limits that AWS sets, each with its source';
comment on column aws_limits.limit_name is 'What is limited';
comment on column aws_limits.limit_value is 'The limit, in its unit';
comment on column aws_limits.unit is 'Unit of the limit';
comment on column aws_limits.as_of_date is 'Day the source was read';
comment on column aws_limits.source is 'Where the figure comes from';
comment on column aws_limits.note is 'What to know about the figure';

create table startup_benchmarks (
    input_mode varchar not null,
    cold_startup_latency_p90_s double not null,
    warm_startup_latency_p90_s double not null,
    as_of_date date not null,
    source varchar not null
);
comment on table startup_benchmarks is 'Startup latencies that AWS published';
comment on column startup_benchmarks.input_mode is 'Input mode';
comment on column startup_benchmarks.cold_startup_latency_p90_s is 'P90 of cold starts, s';
comment on column startup_benchmarks.warm_startup_latency_p90_s is 'P90 of warm starts, s';
comment on column startup_benchmarks.as_of_date is 'Day the source was read';
comment on column startup_benchmarks.source is 'Where the figures come from';

create table instance_types (
    instance_type varchar not null,
    ec2_type varchar,
    vcpu_count double,
    memory_mib double,
    accelerator_kind varchar,
    accelerator_name varchar,
    accelerator_count double,
    accelerator_memory_mib double,
    network_performance varchar,
    local_storage_gb double,
    source varchar not null,
    as_of_date date not null,
    note varchar
);
comment on table instance_types is 'Training instance types and their hardware';
comment on column instance_types.instance_type is 'SageMaker instance type';
comment on column instance_types.ec2_type is 'EC2 type with the same hardware';
comment on column instance_types.vcpu_count is 'vCPUs an instance';
comment on column instance_types.memory_mib is 'Memory, MiB an instance';
comment on column instance_types.accelerator_kind is 'gpu or neuron; empty without one';
comment on column instance_types.accelerator_name is 'Accelerator model';
comment on column instance_types.accelerator_count is 'Accelerators an instance';
comment on column instance_types.accelerator_memory_mib is 'Memory of one accelerator, MiB';
comment on column instance_types.network_performance is 'Network, as EC2 words it';
comment on column instance_types.local_storage_gb is 'Local storage, GB; empty without any';
comment on column instance_types.source is 'Where the figures come from';
comment on column instance_types.as_of_date is 'Day the source was read';
comment on column instance_types.note is 'What to know about the figures';
