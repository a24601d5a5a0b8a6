-- Starts by what may be changed (the lever) and how each job has it (the option): sums to compare.
-- Grain: one row per (lever, pool, option, start kind, comparable jobs, day). Unit: seconds, USD/h.
-- Definition: docs/metrics/startup_advice.md
with

days as (

    select
        job_id,
        pool_id,
        account_id,
        region,
        {created_day} as day,
        instance_type,
        instance_count,
        input_mode,
        start_kind,
        donor_job_id,
        startup_latency_s as wait_s,
        download_s as billed_s,
        usd_per_h

    from filtered_jobs

    -- before 2024 the image was pulled inside Training: its time is not in these
    where startup_latency_s is not null and pool_id is not null and not is_image_pull_hidden

),

starts as (

    select
        days.*,
        training_jobs.image_uri,
        training_jobs.is_profiled,
        donors.image_uri as donor_image_uri,
        -- the records have no sizes: data of one place is taken to be alike
        list_sort(list_transform(
            training_jobs.input_channels, lambda channel: coalesce(channel.uri, '')
        ))::varchar as data_place

    from days

    inner join training_jobs using (job_id)

    left join training_jobs as donors on days.donor_job_id = donors.job_id

),

-- file systems need a network, which is part of a pool's key: other pools of the same cluster count
file_system_starts as (

    select * from starts where input_mode in ('FSxLustre', 'EFS')

),

beside_file_systems as (

    select distinct
        pool_id,
        account_id,
        region,
        instance_type,
        instance_count,
        image_uri,
        start_kind

    from starts

    where input_mode in ('File', 'FastFile', 'Pipe')

),

compared as (

    select
        'input_mode' as lever,
        pool_id,
        input_mode as choice,
        start_kind,
        hash(image_uri, data_place) as stratum,
        day,
        wait_s,
        billed_s,
        usd_per_h

    from starts

    where input_mode in ('File', 'FastFile', 'Pipe')

    union all

    select
        'file_system',
        pool_id,
        input_mode,
        start_kind,
        hash(image_uri),
        day,
        wait_s,
        billed_s,
        usd_per_h

    from starts

    where input_mode in ('File', 'FastFile', 'Pipe')

    union all

    select
        'file_system',
        beside_file_systems.pool_id,
        file_system_starts.input_mode,
        file_system_starts.start_kind,
        hash(file_system_starts.image_uri),
        day,
        wait_s,
        billed_s,
        usd_per_h

    from file_system_starts

    inner join beside_file_systems on
        file_system_starts.account_id = beside_file_systems.account_id
        and file_system_starts.region = beside_file_systems.region
        and file_system_starts.instance_type = beside_file_systems.instance_type
        and file_system_starts.instance_count = beside_file_systems.instance_count
        and file_system_starts.image_uri = beside_file_systems.image_uri
        and file_system_starts.start_kind = beside_file_systems.start_kind

    union all

    select
        'image',
        pool_id,
        image_uri,
        start_kind,
        hash(input_mode, data_place),
        day,
        wait_s,
        billed_s,
        usd_per_h

    from starts

    where image_uri is not null

    union all

    select
        'image_changes',
        pool_id,
        case when image_uri = donor_image_uri then 'same_image' else 'other_image' end,
        start_kind,
        hash(input_mode, data_place),
        day,
        wait_s,
        billed_s,
        usd_per_h

    from starts

    where start_kind = 'warm' and image_uri is not null and donor_image_uri is not null

    union all

    select
        'profiler',
        pool_id,
        case when is_profiled then 'profiled' else 'not_profiled' end,
        start_kind,
        hash(image_uri, input_mode, data_place),
        day,
        wait_s,
        billed_s,
        usd_per_h

    from starts

    where is_profiled is not null

),

counted as (

    select
        lever,
        pool_id,
        choice,
        count(*) as job_count

    from compared

    group by all

),

-- a tag for each commit makes an image for each job: as one they can be left, but not advised
named as (

    select
        lever,
        pool_id,
        choice,
        case when lever = 'image' and job_count < $least_jobs then 'rarely_used' else choice end
            as choice_name

    from counted

),

choices as (

    select
        lever,
        pool_id,
        count(distinct choice_name) as choice_count

    from named

    group by all

)

select
    lever,
    pool_id,
    choice_name as choice,
    start_kind,
    -- with one option there is nothing to compare: its days need not be told apart
    case when choice_count > 1 then stratum end as stratum,
    case when choice_count > 1 then day end as day,
    day >= $recent_day::integer as is_recent,
    count(*) as job_count,
    sum(wait_s) as wait_s,
    count(billed_s) as billed_count,
    sum(billed_s) as billed_s,
    count(usd_per_h) as priced_count,
    sum(usd_per_h) as usd_per_h

from compared

inner join named using (lever, pool_id, choice)

inner join choices using (lever, pool_id)

group by all

order by all
