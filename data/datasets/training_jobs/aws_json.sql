-- Landed AWS records, typed: one row a record, with the reason where it cannot be used.
-- Grain: one row a landed record. Unit: seconds, GiB, UTC instants.
-- Definition: docs/architecture.md
with

plain as (

    select
        {landed_columns},
        misfits.field,
        fetched.fetched_at + interval 1 day as latest_at

    from landed

    left join misfits using (import_no, line)

    left join fetched using (import_no)

),

named as (

    select
        *,
        coalesce(field, {structure}) as misfit,
        whole_arn(coalesce(record.TrainingJobArn, envelope.resources[1])) as any_arn,
        -- in AWS's own event sample the name and the ARN disagree: the ARN is right
        split(whole_arn(coalesce(envelope.resources[1], record.TrainingJobArn)), ':') as arn_parts

    from plain

),

typed as (

    select
        import_no,
        line as row_number,
        file as file_name,
        "as" as record_kind,
        unparsed,
        unusable,
        misfit,
        record,
        latest_at,
        any_arn as job_arn,
        coalesce(
            nullif(arn_parts[5], ''), whole_account(envelope.account), 'import:' || "as"
        ) as account_id,
        coalesce(nullif(arn_parts[4], ''), envelope.region, 'unknown') as region,
        nullif(split_part(arn_parts[6], '/', 2), '') as name_in_arn,
        -- an ARN may have the name in lower case: CloudWatch and ReusedByJob have it as it was given
        case when lower(name_in_arn) = lower(record.TrainingJobName) then record.TrainingJobName
            else coalesce(name_in_arn, nullif(record.TrainingJobName, '')) end as job_name,
        parse_instant(record.CreationTime) as created_at,
        parse_instant(record.TrainingStartTime) as training_started_at,
        parse_instant(record.TrainingEndTime) as training_ended_at,
        parse_instant(coalesce(record.LastModifiedTime, envelope."time"))
            as last_modified_at,
        list_transform(
            record.SecondaryStatusTransitions,
            lambda visit: struct_pack(
                secondary_status := coalesce(
                    aws_word(visit.Status, $secondary_statuses), visit.Status
                ),
                started_at := parse_instant(visit.StartTime),
                ended_at := parse_instant(visit.EndTime),
                status_message := visit.StatusMessage
            )
        ) as status_transitions,
        list_transform(
            record.InputDataConfig,
            lambda channel: struct_pack(
                channel_name := channel.ChannelName,
                input_mode := known_input_mode(
                    coalesce(
                        channel.DataSource.FileSystemDataSource.FileSystemType,
                        channel.InputMode,
                        record.AlgorithmSpecification.TrainingInputMode
                    )
                ),
                source_kind := coalesce(
                    channel.DataSource.FileSystemDataSource.FileSystemType,
                    case when channel.DataSource.S3DataSource.S3Uri is not null then 's3' end,
                    'other'
                ),
                uri := coalesce(
                    channel.DataSource.S3DataSource.S3Uri,
                    channel.DataSource.FileSystemDataSource.FileSystemId
                )
            )
        ) as input_channels,
        case
            when len(record.ResourceConfig.InstanceGroups) > 0
                then list_transform(
                    record.ResourceConfig.InstanceGroups,
                    lambda member: struct_pack(
                        group_name := member.InstanceGroupName,
                        instance_type := lower(trim(member.InstanceType)),
                        instance_count := parse_count(member.InstanceCount)
                    )
                )
            when coalesce(
                record.ResourceConfig.SelectedInstanceType, record.ResourceConfig.InstanceType
            ) is not null
                then [struct_pack(
                    group_name := null::varchar,
                    instance_type := lower(trim(coalesce(
                        record.ResourceConfig.SelectedInstanceType,
                        record.ResourceConfig.InstanceType
                    ))),
                    instance_count := parse_count(coalesce(
                        record.ResourceConfig.SelectedInstanceCount,
                        record.ResourceConfig.InstanceCount
                    ))
                )]
        end as instance_groups,
        name_in_arn(coalesce(
            record.WarmPoolStatus.ReusedByJob, record.WarmPoolStatus.ReusedByName
        )) as reused_by_job_name,
        case json_type(record.Tags)
            when 'ARRAY' then list_transform(
                from_json(record.Tags, '[{"Key":"VARCHAR","Value":"VARCHAR"}]'),
                lambda tag: struct_pack("key" := tag."Key", "value" := tag."Value")
            )
            when 'OBJECT' then list_transform(
                json_keys(record.Tags),
                lambda name: struct_pack(
                    "key" := name,
                    "value" := record.Tags ->> ('/' || replace(replace(name, '~', '~0'), '/', '~1'))
                )
            )
        end as tags

    from named

),

judged as (

    select
        *,
        [
            struct_pack(field := 'CreationTime', text := record.CreationTime),
            struct_pack(field := 'TrainingStartTime', text := record.TrainingStartTime),
            struct_pack(field := 'TrainingEndTime', text := record.TrainingEndTime),
            struct_pack(field := 'LastModifiedTime', text := record.LastModifiedTime)
        ] as times,
        list_filter(times, lambda one: one.text is not null and parse_instant(one.text) is null)[1]
            as bad_time,
        case
            when not is_plausible(created_at, latest_at) then 'CreationTime'
            when not is_plausible(training_started_at, latest_at) then 'TrainingStartTime'
            when not is_plausible(training_ended_at, latest_at) then 'TrainingEndTime'
            when not is_plausible(last_modified_at, latest_at) then 'LastModifiedTime'
            when len(list_filter(
                status_transitions,
                lambda visit: not is_plausible(visit.started_at, latest_at)
                    or not is_plausible(visit.ended_at, latest_at)
            )) > 0 then 'A time in SecondaryStatusTransitions'
        end as time_beyond,
        -- AWS adds statuses: a new word of its own is no mistake, unless it is near a known one
        list_filter(
            list_concat(
                [record.SecondaryStatus],
                list_transform(status_transitions, lambda visit: visit.secondary_status)
            ),
            lambda word: aws_word(word, $secondary_statuses) is null
                and (not is_well_formed_word(word) or is_near_aws_word(word, $secondary_statuses))
        )[1] as odd_status,
        list_filter(
            list_transform(instance_groups, lambda member: member.instance_type),
            lambda word: not is_well_formed_type(word)
        )[1] as odd_type,
        list_filter(
            list_concat(
                [record.AlgorithmSpecification.TrainingInputMode],
                list_transform(input_channels, lambda channel: channel.input_mode)
            ),
            lambda word: parse_input_mode(word) is null
        )[1] as odd_mode,
        case
            when aws_word(record.TrainingJobStatus, $statuses) is null
                and record.TrainingJobStatus is not null
                then struct_pack(
                    field := 'TrainingJobStatus', word := record.TrainingJobStatus,
                    known := $statuses, what := 'a status'
                )
            when aws_word(record.WarmPoolStatus.Status, $pool_statuses) is null
                and record.WarmPoolStatus.Status is not null
                then struct_pack(
                    field := 'WarmPoolStatus', word := record.WarmPoolStatus.Status,
                    known := $pool_statuses, what := 'a status'
                )
            when odd_status is not null
                then struct_pack(
                    field := 'SecondaryStatus', word := odd_status,
                    known := $secondary_statuses, what := 'a status'
                )
            when odd_type is not null
                then struct_pack(
                    field := 'InstanceType', word := odd_type,
                    known := $instance_types, what := 'an instance type'
                )
            when odd_mode is not null
                then struct_pack(
                    field := 'InputMode', word := odd_mode,
                    known := $input_modes, what := 'an input mode'
                )
        end as odd_word,
        [
            struct_pack(
                field := 'EnableNetworkIsolation', text := record.EnableNetworkIsolation
            ),
            struct_pack(
                field := 'EnableInterContainerTrafficEncryption',
                text := record.EnableInterContainerTrafficEncryption
            ),
            struct_pack(
                field := 'EnableManagedSpotTraining', text := record.EnableManagedSpotTraining
            ),
            struct_pack(
                field := 'DisableProfiler', text := record.ProfilerConfig.DisableProfiler
            )
        ] as flags,
        list_filter(
            flags, lambda one: one.text is not null and parse_boolean(one.text) is null
        )[1] as bad_flag,
        list_filter(
            status_transitions, lambda visit: visit.ended_at < visit.started_at
        )[1] as backward_transition,
        -- the most of each as in data/files/values.py: no sum or product of them leaves its type
        [
            struct_pack(
                field := 'InstanceCount', text := record.ResourceConfig.InstanceCount,
                is_whole := true, most := 1000000
            ),
            struct_pack(
                field := 'SelectedInstanceCount',
                text := record.ResourceConfig.SelectedInstanceCount,
                is_whole := true, most := 1000000
            ),
            struct_pack(
                field := 'VolumeSizeInGB', text := record.ResourceConfig.VolumeSizeInGB,
                is_whole := false, most := 1000000000000
            ),
            struct_pack(
                field := 'KeepAlivePeriodInSeconds',
                text := record.ResourceConfig.KeepAlivePeriodInSeconds,
                is_whole := true, most := 31622400
            ),
            struct_pack(
                field := 'TrainingTimeInSeconds', text := record.TrainingTimeInSeconds,
                is_whole := false, most := 3162240000
            ),
            struct_pack(
                field := 'BillableTimeInSeconds', text := record.BillableTimeInSeconds,
                is_whole := false, most := 3162240000
            ),
            struct_pack(
                field := 'ResourceRetainedBillableTimeInSeconds',
                text := record.WarmPoolStatus.ResourceRetainedBillableTimeInSeconds,
                is_whole := false, most := 3162240000
            ),
            struct_pack(
                field := 'MaxRuntimeInSeconds',
                text := record.StoppingCondition.MaxRuntimeInSeconds,
                is_whole := true, most := 3162240000
            )
        ] as numbers,
        list_filter(
            numbers,
            lambda one: one.text is not null and coalesce(parse_number(one.text), -1) < 0
        )[1] as bad_number,
        list_filter(
            numbers,
            lambda one: one.is_whole and one.text is not null and parse_count(one.text) is null
        )[1] as split_number,
        list_filter(numbers, lambda one: parse_number(one.text) > one.most)[1] as large_number,
        list_filter(
            status_transitions,
            lambda visit: visit.started_at is null
        )[1] as bad_transition,
        list_filter(
            instance_groups,
            lambda member: coalesce(member.instance_count not between 0 and 1000000, true)
                and member.instance_type is not null
        )[1] as bad_group

    from typed

)

select
    account_id,
    region,
    job_name,
    record_kind,
    row_number as input_seq,
    last_modified_at,
    job_arn,
    created_at,
    training_started_at,
    list_min(list_transform(
        list_filter(status_transitions, lambda visit: visit.secondary_status = 'Training'),
        lambda visit: visit.started_at
    )) as first_training_at,
    training_ended_at,
    aws_word(record.TrainingJobStatus, $statuses) as status,
    coalesce(aws_word(record.SecondaryStatus, $secondary_statuses), record.SecondaryStatus)
        as secondary_status,
    record.FailureReason as failure_reason,
    record.RoleArn as role_arn,
    record.AlgorithmSpecification.TrainingImage as image_uri,
    record.AlgorithmSpecification.AlgorithmName as algorithm_name,
    list_filter(
        list_transform(
            record.AlgorithmSpecification.MetricDefinitions, lambda definition: definition.Name
        ),
        lambda name: name is not null
    ) as metric_names,
    instance_groups,
    case when record.ResourceConfig is not null
        then coalesce(len(record.ResourceConfig.InstanceGroups) > 0, false)
    end as is_grouped,
    parse_number(record.ResourceConfig.VolumeSizeInGB) as volume_size_gib,
    nullif(record.ResourceConfig.VolumeKmsKeyId, '') as volume_kms_key_id,
    case when len(record.VpcConfig.SecurityGroupIds) > 0 then record.VpcConfig.SecurityGroupIds end
        as security_group_ids,
    case when len(record.VpcConfig.Subnets) > 0 then record.VpcConfig.Subnets end as subnets,
    parse_boolean(record.EnableInterContainerTrafficEncryption) as has_inter_container_encryption,
    parse_boolean(record.EnableNetworkIsolation) as has_network_isolation,
    -- absent from a full answer means no; absent from an event or a summary means not said
    coalesce(
        parse_boolean(record.EnableManagedSpotTraining),
        case when record_kind in ('describe', 'search') then false end
    ) as is_spot,
    coalesce(
        json_type(record.ServerlessJobConfig) = 'OBJECT',
        -- Search answers never have the field
        case when record_kind = 'describe' then false end
    ) as is_serverless,
    -- the profiler writes to S3OutputPath; a job without either field does not say
    coalesce(
        not parse_boolean(record.ProfilerConfig.DisableProfiler),
        case when record.ProfilerConfig.S3OutputPath <> '' then true end
    ) as is_profiled,
    coalesce(
        parse_count(record.ResourceConfig.KeepAlivePeriodInSeconds),
        case when record_kind in ('describe', 'search') and record.ResourceConfig is not null
            then 0 end
    ) as keep_alive_period_s,
    coalesce(record.ResourceConfig.TrainingPlanArn, record.TrainingPlanArn) as training_plan_arn,
    record.TuningJobArn as tuning_job_arn,
    record.AutoMLJobArn as auto_ml_job_arn,
    case
        when record_kind = 'summary' or record.AlgorithmSpecification is null
            and len(input_channels) is null then null
        when coalesce(len(input_channels), 0) = 0
            then case when record_kind <> 'event' then 'none' end
        when len(list_distinct(list_transform(input_channels, lambda channel: channel.input_mode)))
            > 1
            then 'mixed'
        else input_channels[1].input_mode
    end as input_mode,
    case when len(input_channels) > 0 then input_channels end as input_channels,
    case when len(status_transitions) > 0 then status_transitions end as status_transitions,
    case when len(record.FinalMetricDataList) > 0 then list_transform(
        record.FinalMetricDataList,
        lambda metric: struct_pack(
            metric_name := metric.MetricName,
            "value" := parse_number(metric."Value"),
            recorded_at := parse_instant(metric."Timestamp")
        )
    ) end as final_metrics,
    case when len(tags) > 0 then tags end as tags,
    aws_word(record.WarmPoolStatus.Status, $pool_statuses) as warm_pool_status,
    parse_number(record.WarmPoolStatus.ResourceRetainedBillableTimeInSeconds) as retained_s,
    nullif(reused_by_job_name, '') as reused_by_job_name,
    parse_number(record.TrainingTimeInSeconds) as training_time_s,
    parse_number(record.BillableTimeInSeconds) as billable_s,
    parse_count(record.StoppingCondition.MaxRuntimeInSeconds) as max_runtime_s,
    coalesce(
        list_filter(
            list_transform(
                $user_tags::varchar[],
                lambda wanted: list_filter(
                    tags, lambda tag: lower(tag."key") = lower(wanted)
                )[1]."value"
            ),
            lambda found: found is not null
        )[1],
        record.CreatedBy.UserProfileName
    ) as user_name,
    import_no,
    row_number,
    file_name,
    case
        when unparsed is not null then 'The text is not JSON.'
        when record_kind = 'other' then 'The record is not a training job.'
        when record_kind = 'other_event' then 'The event is not a training job state change.'
        when misfit is not null then misfit || ' has the wrong JSON type.'
        when job_name is null then 'The record has no TrainingJobName.'
        when bad_time is not null
            then bad_time.field || ' ''' || bad_time.text || ''' is not a time with an offset.'
        when created_at is null then 'The record has no CreationTime.'
        when time_beyond is not null then implausible(time_beyond)
        when bad_number is not null
            then bad_number.field || ' ''' || bad_number.text || ''' is not a number of 0 or more.'
        when large_number is not null
            then large_number.field || ' ''' || large_number.text || ''' is more than '
                || large_number.most || '.'
        when split_number is not null
            then split_number.field || ' ''' || split_number.text || ''' is not a whole number.'
        when bad_flag is not null
            then bad_flag.field || ' ''' || left(bad_flag.text, 80) || ''' is not true or false.'
        when odd_word is not null
            then odd_word.field || ' ''' || left(odd_word.word, 80) || ''' is not ' || odd_word.what
                || ' of SageMaker.' || near_aws_words(odd_word.word, odd_word.known)
        when bad_group is not null
            then 'InstanceCount of ' || bad_group.instance_type
                || ' is missing, or no number up to 1,000,000.'
        when bad_transition is not null
            then 'A status transition has no StartTime with an offset.'
        when backward_transition is not null
            then 'A status transition ends before it starts.'
        when training_ended_at < training_started_at
            then 'TrainingEndTime is before TrainingStartTime.'
        when training_started_at < created_at or training_ended_at < created_at
            then 'The job starts or ends before its CreationTime.'
        when is_longer_than_run(parse_number(record.BillableTimeInSeconds), training_started_at, training_ended_at)
            then 'BillableTimeInSeconds is more than the time from TrainingStartTime to TrainingEndTime.'
    end as reason,
    case
        when reason is null then null
        when unparsed is not null
            then 'Export the job again; a line may have been cut or joined with another.'
        when record_kind in ('other', 'other_event')
            then 'Take it out, or export with `aws sagemaker describe-training-job`.'
        when misfit is not null then 'Export the job again with `aws sagemaker describe-training-job`.'
        when job_name is null then 'Keep TrainingJobName and TrainingJobArn in the export.'
        when bad_time is not null or created_at is null or time_beyond is not null
            or bad_transition is not null
            then 'Write times as epoch seconds, or ISO 8601 with Z or an offset.'
        when odd_word is not null
            then 'Correct it; if AWS has it since, a newer version of Stoker knows it.'
        when bad_number is not null or large_number is not null or bad_group is not null
            or split_number is not null or bad_flag is not null
            then 'Correct the number in the export, and import the file again.'
        else 'Check the clock and the time zone of whatever wrote the export.'
    end as next_action,
    case
        when reason is null then null
        when unparsed is not null
            then unparsed.bytes || ' bytes, SHA-256 ' || unparsed.sha256
        when unusable is not null then unusable::varchar
        else to_json(record)::varchar
    end as raw

from judged
