-- Phases of startup: provisioning is not billed, the download of data and image is.
-- Grain: one row per (input_mode, start_kind, phase). Unit: seconds.
-- Definition: docs/metrics/provisioning_s.md, download_s.md
with

phases as (

    select
        input_mode,
        start_kind,
        'provisioning' as phase,
        provisioning_s as duration_s,
        false as billed

    from filtered_jobs

    where provisioning_s is not null and startup_latency_s is not null

    union all

    select
        input_mode,
        start_kind,
        'download',
        download_s,
        true

    from filtered_jobs

    where download_s is not null and startup_latency_s is not null

)

select
    input_mode,
    start_kind,
    phase,
    job_count,
    case when job_count >= $least_jobs then quantiles_s[1] end as p50_s,
    case when job_count >= $least_jobs then quantiles_s[2] end as p90_s,
    case when job_count >= $least_jobs then quantiles_s[3] end as p99_s,
    billed

from (
    select
        input_mode,
        start_kind,
        phase,
        billed,
        count(*) as job_count,
        quantile_cont(duration_s, [0.5, 0.9, 0.99]) as quantiles_s

    from phases

    group by all
)

order by input_mode, start_kind, billed
