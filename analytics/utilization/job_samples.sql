-- The series of a job: what each host's metrics were over time, as a ratio where its type is known.
-- Grain: one row a job, host, metric and step of time. Unit: seconds, ratio; values as CloudWatch sums them.
-- Definition: docs/metrics/gpu_utilization_ratio.md
with

{readings},

-- every sample, or the shortest round step by which each metric has at most so many points
steps as (

    select
        case when $most_points > 0 then coalesce(
            (
                select min(round_s)
                from unnest([
                    60, 300, 900, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 1209600
                ]) as rounds(round_s)
                where length_us <= round_s * 1000000::bigint * ($most_points / host_count - 1)
            ),
            2419200
        ) * 1000000::bigint end as step_us

    from (
        select
            max(end_us) - min(start_us) as length_us,
            (select greatest(count(*), 1) from typed_hosts) as host_count
        from held_jobs
    )

),

step_means as (

    select
        job_id,
        host_name,
        metric_name,
        coalesce(from_us // step_us * step_us, at_us) as bin_us,
        coalesce(step_us, period_us) // 1000000 as step_s,
        sum(measured_s) as measured_s,
        sum(metric_value * measured_s) / sum(measured_s) as metric_value

    from best_samples

    cross join steps

    group by job_id, host_name, metric_name, bin_us, step_s

)

select
    job_name,
    host_name,
    instance_type,
    is_unresolved,
    metric_name,
    make_timestamptz(bin_us) as bin_at,
    step_s,
    measured_s,
    metric_value,
    metric_value / (100 * case metric_name
        when 'CPUUtilization' then vcpu_count
        when 'GPUUtilization' then nullif(gpu_count, 0)
        when 'GPUMemoryUtilization' then nullif(gpu_count, 0)
        else 1 end) as utilization_ratio

from step_means

inner join typed_hosts using (job_id, host_name)

inner join held_jobs using (job_id)

where not is_surplus

order by
    job_name, step_means.job_id, metric_name,
    try_cast(regexp_extract(host_name, '/algo-(\d+)$', 1) as bigint), host_name, bin_at
