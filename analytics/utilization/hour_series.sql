-- What was sampled of the jobs, summed by the hour in one pass. Common table expressions.
-- Grain: hour_series has one row a job, host, metric, hour, period and kind of record. Unit: seconds.
-- Definition: docs/metrics/gpu_utilization_ratio.md, coverage_ratio.md
-- through a list: DuckDB takes distinct names to be as many as samples, and then keeps the samples,
-- not the names, in memory to join the two
sampled_names as materialized (

    select
        sample_name,
        lower(sample_name) as name

    from (select unnest(list(distinct job_name)) as sample_name from metric_samples)

),

sampled_jobs as materialized (

    select
        job_id,
        any_value(job_name) as job_name,
        any_value(account_id) as account_id,
        any_value(region) as region,
        any_value(start_us) as start_us,
        any_value(end_us) as end_us,
        -- nothing is above what is not known
        case when count(vcpu_count) = count(*) then 100 * max(vcpu_count)
            else 'infinity'::double end as most_cpu,
        case when count(gpu_count) = count(*) then 100 * max(gpu_count)
            else 'infinity'::double end as most_gpu,
        case when count(gpu_count) = count(*) and min(nullif(gpu_count, 0)) = max(gpu_count)
            then max(gpu_count) end as host_gpu_count

    from holdings

    where lower(job_name) in (select name from sampled_names)

    group by job_id

),

-- kept, so that names are joined before anything else: by account and time alone every sample fits
-- many jobs
named_jobs as materialized (

    select
        sampled_jobs.*,
        sampled_names.sample_name

    from sampled_jobs

    inner join sampled_names on lower(sampled_jobs.job_name) = sampled_names.name

),

-- read twice, so that what is needed the second time need not be kept
clipped_samples as not materialized (

    select
        named_jobs.job_id,
        host_name,
        metric_name,
        metric_value,
        host_gpu_count,
        end_us,
        epoch_us(sampled_at) as at_us,
        nullif(period_s, 0) * 1_000_000 as period_us,
        -- of what begins before its job does, the job's part
        greatest(at_us, start_us) as from_us,
        from_us // 3_600_000_000 as hour_no,
        least(at_us + coalesce(period_us, 60_000_000), end_us) as until_us,
        metric_value <= case metric_name
            when 'CPUUtilization' then most_cpu
            when 'GPUUtilization' then most_gpu
            when 'GPUMemoryUtilization' then most_gpu
            else 100 end as is_in_range,
        -- records of one kind have each moment once
        case when samples.account_id is null then 8 else 0 end
            + case when samples.region is null then 4 else 0 end
            + case statistic_name when 'Average' then 0 else 1 end
            + case when statistic_name is null then 1 else 0 end as record_code

    from metric_samples as samples

    inner join named_jobs on
        samples.job_name = named_jobs.sample_name
        and (samples.account_id is null or samples.account_id = named_jobs.account_id)
        and (samples.region is null or samples.region = named_jobs.region)

    where
        metric_name in (
            'GPUUtilization', 'CPUUtilization', 'GPUMemoryUtilization', 'MemoryUtilization',
            'DiskUtilization'
        )
        and coalesce(lower(statistic_name), 'average') = 'average'
        and {sampled_in_time}
        and from_us < until_us

),

hour_series as materialized (

    select
        job_id,
        host_name,
        metric_name,
        hour_no,
        period_us,
        record_code,
        count(*) filter (is_in_range) as sample_count,
        count(*) filter (not is_in_range) as rejected_count,
        max(metric_value) filter (is_in_range) as highest,
        sum((until_us - from_us) / 1e6) filter (is_in_range) as measured_s,
        sum(metric_value * ((until_us - from_us) / 1e6)) filter (is_in_range) as value_s,
        sum((until_us - from_us) / 1e6) filter (
            is_in_range
            and metric_name = 'GPUUtilization'
            and metric_value / (100 * host_gpu_count) < $idle_below_ratio
        ) as idle_s,
        -- samples of one period whose starts are whole periods apart do not overlap
        min(at_us % period_us) = max(at_us % period_us)
            and max(until_us - hour_no * 3_600_000_000) <= 3_600_000_000 as is_even

    from clipped_samples

    group by job_id, host_name, metric_name, hour_no, period_us, record_code

)
