-- Which instance type each measured host has: the one that fits, else it is unresolved. Common table expressions.
-- Grain: typed_hosts has one row a job and host. Unit: counts; highest values in per cent, summed over devices.
-- Definition: docs/metrics/gpu_utilization_ratio.md
hosts as materialized (

    select
        measured_hosts.*,
        cluster_type is not distinct from 'mixed' as is_mixed,
        -- a job has no more hosts than instances
        coalesce(host_number > cluster_instance_count, false) or row_number() over (
            partition by job_id order by host_number, host_name
        ) > cluster_instance_count as is_surplus

    from (
        select
            job_id,
            host_name,
            try_cast(regexp_extract(host_name, '/algo-(\d+)$', 1) as bigint) as host_number,
            max(highest) filter (metric_name = 'CPUUtilization') as highest_cpu,
            max(highest) filter (
                metric_name in ('GPUUtilization', 'GPUMemoryUtilization')
            ) as highest_gpu
        from hour_series
        group by job_id, host_name
    ) as measured_hosts

    inner join held_jobs using (job_id)

),

-- one bit stands for each instance type of a job
mixed_types as materialized (

    select
        job_id,
        instance_type,
        instance_count,
        vcpu_count,
        gpu_count,
        1::bigint << (row_number() over (partition by job_id order by instance_type) - 1) as bit

    from holdings

    where cluster_type = 'mixed' and job_id in (select job_id from hosts where is_mixed)

),

-- a host with GPU series is in a GPU group, and none exceeds what its type can reach
fitting_types as materialized (

    select
        hosts.job_id,
        hosts.host_name,
        coalesce(bit_or(bit) filter (
            coalesce(highest_cpu <= 100 * vcpu_count, true)
            and coalesce(highest_gpu <= 100 * gpu_count, true)
            and case
                when gpu_count is null or not has_gpu_series then true
                else (gpu_count > 0) = (highest_gpu is not null)
            end
        ), 0) as bits

    from (
        select
            *,
            bool_or(highest_gpu is not null) over (partition by job_id) as has_gpu_series
        from hosts
        where is_mixed and not is_surplus
    ) as hosts

    inner join mixed_types using (job_id)

    group by all

),

-- types of which every instance is needed by hosts that fit nowhere else
taken_types as materialized (

    select
        subsets.job_id,
        subsets.bits,
        count(fitting_types.host_name) as host_count,
        any_value(subsets.instance_count) as instance_count

    from (
        select
            job_id,
            subset.bits,
            sum(instance_count) filter (bit & subset.bits > 0) as instance_count
        from mixed_types
        inner join (
            select
                job_id,
                unnest(range(1, 1 << count(*))) as bits
            from mixed_types
            group by job_id
        ) as subset using (job_id)
        group by all
    ) as subsets

    left join fitting_types on
        subsets.job_id = fitting_types.job_id
        and fitting_types.bits & ~subsets.bits = 0

    group by subsets.job_id, subsets.bits

    having count(fitting_types.host_name) >= any_value(subsets.instance_count)

),

resolved_bits as (

    select
        fitting_types.job_id,
        fitting_types.host_name,
        case when coalesce(bool_or(taken_types.host_count > taken_types.instance_count), false)
            then 0  -- more hosts than instances: the series contradict the record
            else any_value(fitting_types.bits) & ~coalesce(bit_or(taken_types.bits) filter (
                fitting_types.bits & ~taken_types.bits <> 0
            ), 0)
        end as bits

    from fitting_types

    left join taken_types using (job_id)

    group by all

),

typed_hosts as materialized (

    select
        hosts.job_id,
        hosts.host_name,
        is_surplus,
        is_mixed and mixed_types.bit is null and not is_surplus as is_unresolved,
        case when is_mixed then mixed_types.instance_type else holdings.instance_type end
            as instance_type,
        case when is_mixed then mixed_types.vcpu_count else holdings.vcpu_count end as vcpu_count,
        case when is_mixed then mixed_types.gpu_count else holdings.gpu_count end as gpu_count

    from hosts

    left join holdings on hosts.job_id = holdings.job_id and not hosts.is_mixed

    left join resolved_bits on
        hosts.job_id = resolved_bits.job_id and hosts.host_name = resolved_bits.host_name

    left join mixed_types on
        hosts.job_id = mixed_types.job_id and resolved_bits.bits = mixed_types.bit

)
