-- The derived tables: what is known of each job, its pool, and its place in the pool ledger.
-- Grain: one row a training job (job_facts), one row a pool (pools). Unit: as suffixed.
-- Definition: docs/metrics/, docs/architecture.md
create table pools (
    pool_id integer not null,
    account_id varchar not null,
    region varchar not null,
    pool_key varchar not null,
    role_arn varchar,
    instance_count bigint,
    instance_type varchar,
    volume_kms_key_id varchar,
    volume_size_gib double,
    security_group_ids varchar,
    subnets varchar,
    has_inter_container_encryption boolean,
    has_network_isolation boolean
);
comment on table pools is 'One row a pool: jobs that could take over each other''s clusters';
comment on column pools.pool_id is 'Number of the pool in this database';
comment on column pools.account_id is 'AWS account, or import:<mapping name>';
comment on column pools.region is 'AWS region, or unknown';
comment on column pools.pool_key is 'Hash of the fields that must be equal for reuse, or the export''s own key';
comment on column pools.role_arn is 'RoleArn';
comment on column pools.instance_count is 'Instances of a cluster';
comment on column pools.instance_type is 'SageMaker instance type';
comment on column pools.volume_kms_key_id is 'VolumeKmsKeyId';
comment on column pools.volume_size_gib is 'VolumeSizeInGB, GiB an instance';
comment on column pools.security_group_ids is 'SecurityGroupIds, sorted';
comment on column pools.subnets is 'Subnets, sorted';
comment on column pools.has_inter_container_encryption is 'EnableInterContainerTrafficEncryption';
comment on column pools.has_network_isolation is 'EnableNetworkIsolation';

create table pool_savings (
    pool_id integer not null,
    wait_saved_per_hit_s double not null,
    billed_saved_per_hit_s double not null,
    saved_source varchar not null,
    cold_job_count bigint not null,
    warm_job_count bigint not null
);
comment on table pool_savings is 'What one hit saves, by pool';
comment on column pool_savings.pool_id is 'Number of the pool in this database';
comment on column pool_savings.wait_saved_per_hit_s is 'Waiting that one hit saves, s';
comment on column pool_savings.billed_saved_per_hit_s is 'Billed startup that one hit saves, s of wall clock';
comment on column pool_savings.saved_source is 'own, family, or published: where the two come from';
comment on column pool_savings.cold_job_count is 'Cold starts behind the estimate';
comment on column pool_savings.warm_job_count is 'Warm starts behind the estimate';

create table job_facts (
    job_id bigint not null,
    account_id varchar not null,
    region varchar not null,
    job_name varchar not null,
    created_at timestamptz not null,
    request_at timestamptz not null,
    release_at timestamptz,
    training_started_at timestamptz,
    training_ended_at timestamptz,
    status varchar,
    instance_type varchar,
    instance_count bigint,
    accelerator_count double,
    input_mode varchar,
    keep_alive_period_s bigint,
    pool_id integer,
    pool_key varchar,
    eligibility varchar not null,
    outcome varchar,
    miss_reason varchar,
    evidence varchar,
    start_kind varchar not null,
    has_predecessor boolean,
    donor_job_id bigint,
    donor_job_name varchar,
    missed_donor_job_name varchar,
    missed_by_s double,
    differing_fields varchar,
    gap_s double,
    unlimited_gap_s double,
    unlimited_idle_s double,
    unlimited_donor_job_id bigint,
    is_releasing boolean not null,
    startup_latency_s double,
    provisioning_s double,
    download_s double,
    is_image_pull_hidden boolean not null,
    billable_s double,
    retained_s double,
    usd_per_h double,
    price_note varchar,
    is_price_estimated boolean,
    list_cost_usd double,
    billed_startup_usd double,
    retained_cost_usd double,
    is_failed boolean not null,
    user_name varchar,
    share_name varchar,
    queue_name varchar,
    has_quota_message boolean not null,
    warm_pool_status varchar
);
comment on table job_facts is 'One row a training job: its ledger entry, startup and list costs';
comment on column job_facts.job_id is 'Number of the job in this database';
comment on column job_facts.account_id is 'AWS account, or import:<mapping name>';
comment on column job_facts.region is 'AWS region, or unknown';
comment on column job_facts.job_name is 'TrainingJobName';
comment on column job_facts.created_at is 'CreationTime';
comment on column job_facts.request_at is 'When the job asked for its cluster: scheduled_at, else created_at';
comment on column job_facts.release_at is 'When its cluster became free: the end of a job that started';
comment on column job_facts.training_started_at is 'TrainingStartTime; billing starts';
comment on column job_facts.training_ended_at is 'TrainingEndTime; billing ends';
comment on column job_facts.status is 'TrainingJobStatus';
comment on column job_facts.instance_type is 'SageMaker instance type; mixed for several groups';
comment on column job_facts.instance_count is 'Instances of the whole job';
comment on column job_facts.accelerator_count is 'Accelerators of the whole job';
comment on column job_facts.input_mode is 'File, FastFile, Pipe, FSxLustre, EFS, mixed or none';
comment on column job_facts.keep_alive_period_s is 'KeepAlivePeriodInSeconds, s; 0 is none, empty is unknown';
comment on column job_facts.pool_id is 'Number of the pool in this database';
comment on column job_facts.pool_key is 'Hash of the fields that must be equal for reuse, or the export''s own key';
comment on column job_facts.eligibility is 'eligible, or why the job could not use a warm pool';
comment on column job_facts.outcome is 'hit or miss; empty where not eligible';
comment on column job_facts.miss_reason is 'Why the job did not take over a cluster';
comment on column job_facts.evidence is 'confirmed by ReusedByJob, or inferred';
comment on column job_facts.start_kind is 'warm for a hit, else cold';
comment on column job_facts.has_predecessor is 'Whether an earlier job of the pool exists';
comment on column job_facts.donor_job_id is 'Number of the job whose cluster a hit took over';
comment on column job_facts.donor_job_name is 'Job whose cluster a hit took over';
comment on column job_facts.missed_donor_job_name is 'Job whose cluster a miss could not use';
comment on column job_facts.missed_by_s is 'By how much a miss missed: seconds too early, expired or ended early';
comment on column job_facts.differing_fields is 'What differs from the key of the cluster that was free';
comment on column job_facts.gap_s is 'Request minus the release of that cluster, s';
comment on column job_facts.unlimited_gap_s is 'Gap to the newest free cluster if clusters were kept for ever, s; empty is a cold start';
comment on column job_facts.unlimited_idle_s is 'How long its own cluster would wait for the next job, s; empty is for ever';
comment on column job_facts.unlimited_donor_job_id is 'Job whose cluster it would take over if clusters were kept for ever';
comment on column job_facts.is_releasing is 'Whether the job ended and left a cluster of its pool';
comment on column job_facts.startup_latency_s is 'First Training transition minus creation, s';
comment on column job_facts.provisioning_s is 'Starting and pending, not billed, s';
comment on column job_facts.download_s is 'Data and image download, billed, s';
comment on column job_facts.is_image_pull_hidden is 'Created before the image pull moved out of Training: latency is understated';
comment on column job_facts.billable_s is 'BillableTimeInSeconds, s of wall clock';
comment on column job_facts.retained_s is 'Retained after the job, s a cluster; empty is unknown';
comment on column job_facts.usd_per_h is 'List price of the whole cluster, USD/h';
comment on column job_facts.price_note is 'What the price rests on where it is not the exact list price';
comment on column job_facts.is_price_estimated is 'Whether the price is an estimate';
comment on column job_facts.list_cost_usd is 'Billable time at list price, USD';
comment on column job_facts.billed_startup_usd is 'The part of it spent on billed startup, USD';
comment on column job_facts.retained_cost_usd is 'Retained time at list price, USD';
comment on column job_facts.is_failed is 'Whether the job failed or was stopped';
comment on column job_facts.user_name is 'Who runs the job';
comment on column job_facts.share_name is 'Share identifier or quota share';
comment on column job_facts.queue_name is 'Job queue';
comment on column job_facts.has_quota_message is 'Whether a status message says that the pool was refused';
comment on column job_facts.warm_pool_status is 'WarmPoolStatus.Status, as last seen';
