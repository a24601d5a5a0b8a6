-- Measured time and value of each host by metric and hour, no time counted twice. Common table expressions.
-- Grain: host_hours has one row a job, host, metric and hour. Unit: seconds; values in per cent x seconds.
-- Definition: docs/metrics/gpu_utilization_ratio.md, coverage_ratio.md
ambiguous_jobs as (

    -- a sample that does not say whose it is counts if all jobs of that name are of one account and region
    select job_id

    from sampled_jobs

    where lower(job_name) in (
        select lower(job_name)
        from job_facts
        where lower(job_name) in (
            select lower(job_name)
            from sampled_jobs
            where job_id in (select job_id from hour_series where record_code >= 4)
        )
        group by lower(job_name)
        -- jobs of one account and region are told apart by their times
        having count(distinct (account_id, region)) > 1
    )

),

own_series as materialized (

    select *

    from hour_series

    where record_code < 4 or job_id not in (from ambiguous_jobs)

),

-- series to go through sample by sample: of several periods or kinds of record, or not evenly spaced
uneven_series as materialized (

    -- through a list, as sampled_names
    select unnest(list(distinct struct_pack(job_id, host_name, metric_name)), recursive := true)

    from (
        select
            own_series.*,
            host_gpu_count,
            count(*) over (partition by job_id, host_name, metric_name, hour_no) as kind_count
        from own_series
        inner join sampled_jobs using (job_id)
    )

    where {is_uneven}

),

uneven_samples as materialized (

    select
        * exclude (own_period_us, distance_us),
        -- without a period, the least distance between samples stands for it
        coalesce(own_period_us, least_distance_us, 60_000_000) as period_us,
        least(at_us + period_us, end_us) as until_us

    from (
        select
            *,
            min(nullif(distance_us, 0)) over (
                partition by job_id, host_name, metric_name
            ) as least_distance_us
        from (
            select
                clipped_samples.* exclude (period_us, until_us),
                clipped_samples.period_us as own_period_us,
                case when own_period_us is null then lead(at_us) over (
                    partition by job_id, host_name, metric_name, own_period_us is null
                    order by at_us
                ) - at_us end as distance_us
            from clipped_samples
            semi join uneven_series using (job_id, host_name, metric_name)
            where is_in_range and (record_code < 4 or job_id not in (from ambiguous_jobs))
        )
    )

    -- with a shorter period it may end before its job begins
    where from_us < until_us

    qualify row_number() over (
        partition by job_id, host_name, metric_name, period_us, at_us
        order by record_code, metric_value
    ) = 1

),

-- where any sample begins or ends, and at each full hour: in between, the same samples hold
cuts as (

    select distinct
        job_id,
        host_name,
        metric_name,
        unnest(
            [from_us, until_us]
            || range((from_us // 3_600_000_000 + 1) * 3_600_000_000, until_us, 3_600_000_000)
        ) as from_us

    from uneven_samples

),

stretches as (

    select
        *,
        lead(from_us) over (
            partition by job_id, host_name, metric_name order by from_us
        ) as until_us

    from cuts

),

-- of each period the newest sample, of these the one with the shortest period
best_samples as materialized (

    select
        stretches.job_id,
        stretches.host_name,
        stretches.metric_name,
        stretches.from_us,
        (stretches.until_us - stretches.from_us) / 1e6 as measured_s,
        samples.at_us,
        samples.period_us,
        samples.metric_value

    from (
        select *
        from stretches
        inner join (
            select distinct job_id, host_name, metric_name, period_us from uneven_samples
        ) as periods using (job_id, host_name, metric_name)
    ) as stretches

    asof inner join uneven_samples as samples on
        stretches.job_id = samples.job_id
        and stretches.host_name = samples.host_name
        and stretches.metric_name = samples.metric_name
        and stretches.period_us = samples.period_us
        and stretches.from_us >= samples.at_us

    where stretches.until_us <= samples.until_us

    qualify row_number() over (
        partition by
            stretches.job_id, stretches.host_name, stretches.metric_name, stretches.from_us
        order by samples.period_us
    ) = 1

),

host_hours as materialized (

    select
        * exclude (value_s, idle_s),
        value_s / (100 * unit_count) as used_s,
        case when measured_s is not null then coalesce(idle_s, 0) end as idle_s

    from (
        select
            series.*,
            is_surplus,
            is_unresolved,
            is_surplus or vcpu_count is null and not is_unresolved as is_unknown,
            instance_type,
            case metric_name
                when 'CPUUtilization' then vcpu_count
                when 'GPUUtilization' then gpu_count
                when 'GPUMemoryUtilization' then gpu_count
                else 1 end as unit_count

        from (
            select
                job_id,
                host_name,
                metric_name,
                hour_no,
                sum(case when is_uneven then 0 else sample_count end) as sample_count,
                sum(rejected_count) as rejected_count,
                sum(measured_s) filter (not is_uneven) as measured_s,
                sum(value_s) filter (not is_uneven) as value_s,
                sum(idle_s) filter (not is_uneven) as idle_s
            from (
                select
                    own_series.*,
                    uneven_series.job_id is not null as is_uneven
                from own_series
                left join uneven_series using (job_id, host_name, metric_name)
            )
            group by all

            union all

            select
                job_id,
                host_name,
                metric_name,
                from_us // 3_600_000_000,
                count(*) filter (is_first),
                0,
                sum(measured_s),
                sum(metric_value * measured_s),
                sum(measured_s) filter (
                    metric_name = 'GPUUtilization'
                    and metric_value / (100 * nullif(gpu_count, 0)) < $idle_below_ratio
                )
            from (
                select
                    best_samples.*,
                    gpu_count,
                    row_number() over (
                        partition by job_id, host_name, metric_name, period_us, at_us
                        order by from_us
                    ) = 1 as is_first
                from best_samples
                inner join typed_hosts using (job_id, host_name)
            )
            group by all
        ) as series

        inner join typed_hosts using (job_id, host_name)

        -- the sums of an uneven series are those of its samples
        where sample_count > 0 or rejected_count > 0 or measured_s > 0
    )

)
