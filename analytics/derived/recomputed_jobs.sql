-- What one job's own record says: eligibility, pool key, startup, list costs. Next is the ledger.
-- Grain: one row a job of job_scope. Unit: as suffixed.
-- Definition: docs/metrics/pool_key.md, eligibility.md, startup_latency_s.md, list_cost_usd.md
create or replace temp table recomputed_jobs as
with

timed as (

    select
        keyed_jobs.* exclude (
            instance_groups, accelerator_count, provisioning_s, download_s, startup_latency_s,
            retained_s, billable_s
        ),
        len(instance_groups) as group_count,
        clusters.instance_type,
        clusters.instance_count,
        coalesce(keyed_jobs.accelerator_count, clusters.accelerator_count) as accelerator_count,
        coalesce(list_unit_price_usd_per_h * clusters.instance_count, clusters.usd_per_h)
            as usd_per_h,
        case when list_unit_price_usd_per_h is not null then false
            else clusters.is_price_estimated end as is_price_estimated,
        case when list_unit_price_usd_per_h is not null then 'price from the export'
            else clusters.price_note end as price_note,
        keyed_jobs.billable_s as own_billable_s,
        keyed_jobs.retained_s as own_retained_s,
        confirmed_reuse.donor_job_id as reused_job_id,
        confirmed_reuse.donor_job_name as reused_job_name,
        confirmed_reuse.release_us as reused_release_us,
        attempt_shares.* exclude (job_id),
        training_started_at is not null or first_training_at is not null
            or lower(coalesce(status, 'completed')) = 'completed' and training_ended_at is not null
            as has_started,
        training_ended_at is not null
            or lower(status) in ('completed', 'failed', 'stopped') as has_finished,
        -- of a foreign scheduler, start minus submit is queue wait, not startup
        first_training_at is not null or record_kind <> 'export' as is_sagemaker,
        -- records that contradict each other must not let a job serve itself
        case when scheduled_at <= coalesce(training_ended_at, scheduled_at) then scheduled_at
            else keyed_jobs.created_at end as request_at,
        coalesce(
            keyed_jobs.startup_latency_s,
            (epoch_us(first_training_at) - epoch_us(keyed_jobs.created_at)) / 1e6
        ) as startup_latency_s,
        coalesce(
            keyed_jobs.provisioning_s,
            list_sum(list_transform(
                status_transitions,
                lambda visit, i: case when visit.secondary_status in (
                    'Starting', 'Pending', 'LaunchingMLInstances', 'PreparingTrainingStack',
                    'PreparingTraining'
                ) then (
                    epoch_us(coalesce(visit.ended_at, status_transitions[i + 1].started_at))
                    - epoch_us(visit.started_at)
                ) / 1e6 end
            )),
            case when is_sagemaker then
                (epoch_us(training_started_at) - epoch_us(keyed_jobs.created_at)) / 1e6 end
        ) as provisioning_s,
        coalesce(
            keyed_jobs.download_s,
            list_sum(list_transform(
                status_transitions,
                lambda visit, i: case when visit.secondary_status in (
                    'Downloading', 'DownloadingTrainingImage'
                ) then (
                    epoch_us(coalesce(visit.ended_at, status_transitions[i + 1].started_at))
                    - epoch_us(visit.started_at)
                ) / 1e6 end
            )),
            (epoch_us(first_training_at) - epoch_us(training_started_at)) / 1e6
        ) as download_s,
        coalesce(len(list_filter(
            status_transitions,
            lambda visit: visit.status_message ilike '%not retained%'
                or visit.status_message ilike '%warm%pool%limit%'
        )) > 0, false) as has_quota_message

    from keyed_jobs

    left join clusters using (job_id)

    left join confirmed_reuse using (job_id)

    left join attempt_shares using (job_id)

),

billed as (

    select
        *,
        case
            when own_billable_s is not null then own_billable_s
            when not has_started and has_finished then 0
            -- failed too early to be billed: AWS leaves the field out
            when has_finished and record_kind in ('describe', 'search') then 0
            when has_started and has_finished
                then (epoch_us(training_ended_at) - epoch_us(training_started_at)) / 1e6
        end as billable_s,
        case
            when own_retained_s is not null then own_retained_s
            when has_finished and (keep_alive_period_s = 0 or not has_started) then 0
        end as retained_s

    from timed

)

select
    job_id,
    account_id,
    region,
    job_name,
    created_at,
    request_at,
    training_started_at,
    training_ended_at,
    status,
    instance_type,
    instance_count,
    accelerator_count,
    input_mode,
    keep_alive_period_s,
    pool_key,
    case
        when is_serverless then 'serverless'
        when is_spot then 'spot'
        when group_count > 1 then 'heterogeneous'
        when tuning_job_arn is not null then 'tuning'
        -- whoever reused a cluster could
        when reused_job_id is not null then 'eligible'
        when pool_key is null then 'unknown'
        when training_plan_arn is not null then 'training_plan'
        when not has_started then 'not_started'
        else 'eligible'
    end as eligibility,
    has_started,
    startup_latency_s,
    provisioning_s,
    download_s,
    created_at < $image_pull_moved_date::date as is_image_pull_hidden,
    billable_s,
    retained_s,
    case when is_serverless then null else usd_per_h end as usd_per_h,
    case
        when is_serverless then 'serverless: billed by tokens'
        when training_plan_arn is not null then 'paid upfront by a training plan'
        else price_note
    end as price_note,
    is_price_estimated,
    case when training_plan_arn is not null then 0
        when billable_s = 0 and not coalesce(is_serverless, false) then 0
        when is_serverless then null
        else billable_s / 3600 * usd_per_h end as list_cost_usd,
    case when training_plan_arn is not null then 0
        when billable_s = 0 or download_s = 0 then 0
        -- least() passes over nulls: an unknown download is no download of the whole run
        when is_serverless or download_s is null or billable_s is null then null
        else least(download_s, billable_s) / 3600 * usd_per_h end as billed_startup_usd,
    case when training_plan_arn is not null or retained_s = 0 then 0
        when is_serverless then null
        else retained_s / 3600 * usd_per_h end as retained_cost_usd,
    coalesce(lower(status) in ('failed', 'stopped'), false) as is_failed,
    coalesce(user_name, attempt_user_name) as user_name,
    coalesce(share_name, attempt_share_name) as share_name,
    coalesce(queue_name, attempt_queue_name) as queue_name,
    has_quota_message,
    warm_pool_status,
    reused_by_job_name,
    reused_job_id,
    reused_job_name,
    reused_release_us,
    epoch_us(request_at) as request_us,
    epoch_us(coalesce(training_started_at, first_training_at)) as start_us,
    case when has_started and training_ended_at is not null
        then greatest(training_ended_at, request_at) end as release_at,
    epoch_us(release_at) as release_us,
    role_arn,
    nullif(volume_kms_key_id, '') as volume_kms_key_id,
    volume_size_gib,
    nullif(list_sort(list_distinct(security_group_ids))::varchar, '[]') as security_group_ids,
    nullif(list_sort(list_distinct(subnets))::varchar, '[]') as subnets,
    coalesce(has_inter_container_encryption, false) as has_inter_container_encryption,
    coalesce(has_network_isolation, false) as has_network_isolation,
    own_pool_key is not null as is_own_key

from billed
