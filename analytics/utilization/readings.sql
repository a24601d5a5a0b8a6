-- What was measured of each job, by samples or by the mean of an export, and the steps of time. Common table expressions.
-- Grain: readings has one row a job, host, metric and hour, or a job and step where an export says it. Unit: seconds.
-- Definition: docs/metrics/gpu_utilization_ratio.md, idle_gpu_h.md
spans as not materialized (

    {spans}

),

export_means as (

    select
        job_id,
        unnest(['GPUUtilization', 'CPUUtilization']) as metric_name,
        unnest([gpu_utilization_ratio, cpu_utilization_ratio]) as mean_ratio

    from training_jobs

    where
        (gpu_utilization_ratio is not null or cpu_utilization_ratio is not null)
        and job_id in (select job_id from held_jobs)

),

readings as materialized (

    select
        job_id,
        case when is_unresolved then 'unresolved' else instance_type end as type_name,
        host_name,
        metric_name,
        hour_no,
        {step_of_hour} as step_no,
        sample_count,
        rejected_count,
        measured_s,
        used_s,
        idle_s,
        -- what cannot be normalised has no weight
        case when not is_surplus and not is_unresolved then nullif(unit_count, 0) end as unit_count,
        is_surplus,
        is_unresolved,
        is_unknown,
        false as is_export

    from host_hours

    union all

    select
        spans.job_id,
        spans.instance_type,
        null,
        export_means.metric_name,
        null,
        spans.step_no,
        0,
        0,
        held_s * instance_count,
        mean_ratio * held_s * instance_count,
        case when mean_ratio < $idle_below_ratio then held_s * instance_count else 0 end,
        case export_means.metric_name
            when 'GPUUtilization' then nullif(gpu_count, 0)
            -- of an unknown type, one instance weighs as much as the other
            else coalesce(vcpu_count, 1) end,
        false,
        false,
        false,
        true

    from spans

    inner join export_means using (job_id)

    where
        mean_ratio is not null
        and cluster_type is distinct from 'mixed'
        and not exists (
            select 1
            from host_hours
            where
                host_hours.job_id = spans.job_id
                and host_hours.metric_name = export_means.metric_name
                and host_hours.used_s is not null
                and not is_surplus
        )

)
