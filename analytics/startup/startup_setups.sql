-- How long jobs of each image run before their first metric sample: installs and loading of data.
-- Grain: one row per (pool, image, start kind, comparable jobs, day). Unit: seconds, USD/h.
-- Definition: docs/metrics/startup_advice.md
with

days as (

    select
        job_id,
        pool_id,
        {created_day} as day,
        input_mode,
        start_kind,
        usd_per_h

    from filtered_jobs

    where pool_id is not null and not is_image_pull_hidden

),

first_samples as (

    select
        account_id,
        region,
        job_name,
        min(sampled_at) as sampled_at

    from metric_samples

    -- what a longer period hides is more than most installs take
    where metric_name in (select unnest($metric_names::varchar[])) and period_s <= 60

    group by all

),

setups as (

    select
        days.*,
        training_jobs.image_uri,
        list_sort(list_transform(
            training_jobs.input_channels, lambda channel: coalesce(channel.uri, '')
        ))::varchar as data_place,
        (epoch_us(sampled_at) - epoch_us(training_jobs.first_training_at)) / 1e6 as setup_s

    from days

    inner join training_jobs using (job_id)

    inner join first_samples on
        training_jobs.job_name = first_samples.job_name
        and (first_samples.account_id is null
            or first_samples.account_id = training_jobs.account_id)
        and (first_samples.region is null or first_samples.region = training_jobs.region)

    where training_jobs.image_uri is not null

)

select
    'runtime_install' as lever,
    pool_id,
    image_uri as choice,
    start_kind,
    hash(input_mode, data_place) as stratum,
    day,
    day >= $recent_day::integer as is_recent,
    count(*) as job_count,
    sum(setup_s) as wait_s,
    count(*) as billed_count,
    sum(setup_s) as billed_s,
    count(usd_per_h) as priced_count,
    sum(usd_per_h) as usd_per_h

from setups

-- a sample that began before the job's code is not one of it
where setup_s >= 0

group by all

order by all
