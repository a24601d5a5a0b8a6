-- Which instance type each measured host has: one fits, or it is left unresolved. Common table expressions.
-- Grain: typed_hosts has one row a job and host. Unit: counts; values in per cent, as CloudWatch sums them.
-- Definition: docs/metrics/gpu_utilization_ratio.md
hosts as materialized (

    select
        job_id,
        host_name,
        max(highest) filter (metric_name = 'CPUUtilization') as highest_cpu,
        max(highest) filter (
            metric_name in ('GPUUtilization', 'GPUMemoryUtilization')
        ) as highest_gpu,
        regexp_extract(host_name, '/algo-(\d+)$', 1) as host_number,
        row_number() over (
            partition by job_id order by try_cast(host_number as bigint), host_name
        ) as place

    from hour_series

    group by job_id, host_name

),

-- hosts that a job of so many instances cannot have are measured, but not its own
own_hosts as (

    select
        hosts.*,
        held_jobs.cluster_type,
        place > cluster_instance_count
            or coalesce(try_cast(host_number as bigint), 0) > cluster_instance_count as is_surplus,
        bool_or(highest_gpu is not null) over (partition by job_id) as has_job_gpu_series

    from hosts

    inner join held_jobs using (job_id)

),

mixed_types as (

    select
        job_id,
        instance_type,
        instance_count,
        vcpu_count,
        gpu_count,
        1 << (row_number() over (partition by job_id order by instance_type) - 1) as bit

    from holdings

    where cluster_type = 'mixed'

),

-- the types that a host's own series allow; a sum of their bits
host_types as materialized (

    select
        own_hosts.job_id,
        own_hosts.host_name,
        coalesce(bit_or(bit) filter (
            (highest_gpu is not null) = (coalesce(gpu_count, 1) > 0)
                or not has_job_gpu_series or gpu_count is null
        ) filter_bits, 0) as bits

    from own_hosts

    inner join mixed_types using (job_id)

    group by all

)
