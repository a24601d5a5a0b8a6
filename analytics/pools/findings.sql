-- What needs attention in the records.
-- Grain: one row a finding. Unit: counts.
-- Definition: docs/metrics/findings.md
with

found as (

    select
        'pool_refused_by_quota' as finding,
        job_name,
        created_at

    from filtered_jobs

    where has_quota_message

    union all

    select
        'retained_longer_than_asked',
        job_name,
        created_at

    from filtered_jobs

    -- a few seconds of slack: AWS takes a moment to end a cluster
    where keep_alive_period_s is not null and retained_s > keep_alive_period_s + 60

    union all

    select
        'image_pull_hidden',
        job_name,
        created_at

    from filtered_jobs

    where is_image_pull_hidden and startup_latency_s is not null

    union all

    select
        'unknown_price',
        job_name,
        created_at

    from filtered_jobs

    where {has_no_price}

    union all

    select
        'billed_by_tokens',
        job_name,
        created_at

    from filtered_jobs

    where eligibility = 'serverless'

    union all

    select
        'unknown_user',
        job_name,
        created_at

    from filtered_jobs

    where user_name is null

    union all

    select
        'pool_key_of_export',
        job_name,
        created_at

    from filtered_jobs

    where
        pool_key is not null
        and job_id in (
            select job_id
            from training_jobs
            where record_kind = 'export' and pool_key is null and role_arn is null
        )

    union all

    select
        'time_unclear',
        job_name,
        created_at

    from filtered_jobs

    where job_id in (select job_id from training_jobs where is_time_unclear)

)

select
    finding,
    count(*) as job_count,
    arg_max(job_name, (created_at, job_name)) as example_job_name

from found

group by finding

order by job_count desc, finding
