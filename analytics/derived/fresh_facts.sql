-- What one job's own record says: eligibility, pool key, startup, list costs. The ledger comes after.
-- Grain: one row a job of scoped_jobs. Unit: as suffixed.
-- Definition: docs/metrics/pool_key.md, eligibility.md, startup_latency_s.md, list_cost_usd.md
create or replace temp table member_groups as
select
    job_id,
    created_at::date as price_date,
    region,
    entry.member.instance_type as instance_type,
    entry.member.instance_count as instance_count

from scoped_jobs, lateral (select unnest(instance_groups) as member) as entry

where len(instance_groups) > 1

union all

select
    job_id,
    created_at::date,
    region,
    instance_groups[1].instance_type,
    instance_groups[1].instance_count

from scoped_jobs

where len(instance_groups) = 1;

-- step --
create or replace temp table rates as
with

needed as (

    select distinct instance_type, region, price_date from member_groups

)

select
    needed.instance_type,
    needed.region,
    needed.price_date,
    prices.list_unit_price_usd_per_h as usd_per_h,
    prices.component = 'estimate' as is_estimated,
    concat_ws(
        ', ',
        case when prices.component = 'estimate' then 'estimate' end,
        case when prices.component not in ('estimate', 'training')
            then 'price of ' || prices.component end,
        case when prices.region <> needed.region then 'price of ' || prices.region end,
        case when prices.effective_from > needed.price_date
            then 'first known price, from ' || prices.effective_from end
    ) as price_note

from needed

inner join prices on
    needed.instance_type = prices.instance_type
    and ($use_estimated_prices or prices.component <> 'estimate')

qualify row_number() over (
    partition by needed.instance_type, needed.region, needed.price_date
    order by
        case when prices.region = needed.region then 0
            when prices.region = 'us-east-1' then 1
            else 2 end,
        prices.region,
        prices.is_users desc,
        prices.effective_from <= needed.price_date desc,
        case when prices.effective_from <= needed.price_date
            then needed.price_date - prices.effective_from
            else prices.effective_from - needed.price_date end,
        case prices.component when 'training' then 0 when 'estimate' then 2 else 1 end,
        prices.component,
        prices.list_unit_price_usd_per_h
) = 1;

-- step --
create or replace temp table clusters as
select
    member_groups.job_id,
    case when count(*) > 1 then 'mixed'
        else any_value(member_groups.instance_type) end as instance_type,
    case when count(member_groups.instance_count) = count(*)
        then sum(member_groups.instance_count)::bigint end as instance_count,
    case when count(instance_types.instance_accelerator_count * member_groups.instance_count) = count(*)
        then sum(instance_types.instance_accelerator_count * member_groups.instance_count)
    end as accelerator_count,
    case when count(rates.usd_per_h * member_groups.instance_count) = count(*)
        then sum(rates.usd_per_h * member_groups.instance_count) end as usd_per_h,
    bool_or(rates.is_estimated) as is_price_estimated,
    nullif(min(rates.price_note), '') as price_note

from member_groups

left join instance_types on member_groups.instance_type = instance_types.instance_type

left join rates on
    member_groups.instance_type = rates.instance_type
    and member_groups.region = rates.region
    and member_groups.price_date = rates.price_date

group by member_groups.job_id;

-- step --
create or replace temp table fresh as
with

timed as (

    select
        scoped_jobs.* exclude (
            instance_groups, accelerator_count, provisioning_s, download_s, startup_latency_s,
            pool_key, retained_s, billable_s
        ),
        len(instance_groups) as group_count,
        instance_groups[1].instance_type as first_instance_type,
        clusters.instance_type,
        clusters.instance_count,
        coalesce(scoped_jobs.accelerator_count, clusters.accelerator_count) as accelerator_count,
        coalesce(list_unit_price_usd_per_h * clusters.instance_count, clusters.usd_per_h)
            as usd_per_h,
        case when list_unit_price_usd_per_h is not null then false
            else clusters.is_price_estimated end as is_price_estimated,
        case when list_unit_price_usd_per_h is not null then 'price from the export'
            else clusters.price_note end as price_note,
        scoped_jobs.pool_key as own_pool_key,
        scoped_jobs.billable_s as own_billable_s,
        scoped_jobs.retained_s as own_retained_s,
        training_started_at is not null or first_training_at is not null
            or lower(coalesce(status, 'completed')) = 'completed' and training_ended_at is not null
            as has_started,
        training_ended_at is not null
            or lower(status) in ('completed', 'failed', 'stopped') as has_finished,
        -- of a foreign scheduler, start minus submit is queue wait, not startup
        first_training_at is not null or record_kind <> 'export' as is_sagemaker,
        -- records that contradict each other must not let a job serve itself
        case when scheduled_at <= coalesce(training_ended_at, scheduled_at) then scheduled_at
            else scoped_jobs.created_at end as request_at,
        coalesce(
            scoped_jobs.startup_latency_s,
            (epoch_us(first_training_at) - epoch_us(scoped_jobs.created_at)) / 1e6
        ) as startup_latency_s,
        coalesce(
            scoped_jobs.provisioning_s,
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
                (epoch_us(training_started_at) - epoch_us(scoped_jobs.created_at)) / 1e6 end
        ) as provisioning_s,
        coalesce(
            scoped_jobs.download_s,
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

    from scoped_jobs

    left join clusters using (job_id)

),

keyed as (

    select
        *,
        coalesce(
            own_pool_key,
            case when
                group_count = 1
                and role_arn is not null
                and first_instance_type is not null
                and instance_count is not null
                then left(md5(concat_ws(
                    chr(31),
                    account_id,
                    region,
                    role_arn,
                    instance_count,
                    first_instance_type,
                    coalesce(volume_kms_key_id, ''),
                    coalesce(volume_size_gib::varchar, ''),
                    coalesce(nullif(list_sort(list_distinct(security_group_ids))::varchar, '[]'), ''),
                    coalesce(nullif(list_sort(list_distinct(subnets))::varchar, '[]'), ''),
                    coalesce(has_inter_container_encryption, false),
                    coalesce(has_network_isolation, false)
                )), 16)
            end
        ) as pool_key,
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
    case lower(input_mode)
        when 'file' then 'File'
        when 'fastfile' then 'FastFile'
        when 'pipe' then 'Pipe'
        when 'fsx' then 'FSxLustre'
        when 'fsxlustre' then 'FSxLustre'
        when 'efs' then 'EFS'
        else input_mode
    end as input_mode,
    keep_alive_period_s,
    pool_key,
    case
        when is_serverless then 'serverless'
        when is_spot then 'spot'
        when group_count > 1 then 'heterogeneous'
        when tuning_job_arn is not null then 'tuning'
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
    user_name,
    share_name,
    queue_name,
    has_quota_message,
    warm_pool_status,
    reused_by_job_name,
    epoch_us(request_at) as request_us,
    epoch_us(coalesce(training_started_at, first_training_at)) as start_us,
    case when has_started and training_ended_at is not null
        then greatest(training_ended_at, request_at) end as release_at,
    epoch_us(release_at) as release_us,
    role_arn,
    volume_kms_key_id,
    volume_size_gib,
    nullif(list_sort(list_distinct(security_group_ids))::varchar, '[]') as security_group_ids,
    nullif(list_sort(list_distinct(subnets))::varchar, '[]') as subnets,
    coalesce(has_inter_container_encryption, false) as has_inter_container_encryption,
    coalesce(has_network_isolation, false) as has_network_isolation,
    own_pool_key is not null as is_own_key,
    record_kind

from keyed;
