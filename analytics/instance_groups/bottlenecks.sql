-- How busy CPUs and accelerators of each job were: from samples, else from its export.
-- Grain: one row a job with any utilization. Unit: ratio, 0 to 1, of all devices of the cluster.
-- Definition: docs/metrics/diagnosis.md
with

jobs as (

    select
        filtered_jobs.*,
        (epoch_us(filtered_jobs.training_ended_at) - epoch_us(filtered_jobs.training_started_at))
            / 1e6 as run_s,
        training_jobs.instance_groups,
        training_jobs.cpu_utilization_ratio as own_cpu_ratio,
        training_jobs.gpu_utilization_ratio as own_gpu_ratio

    from filtered_jobs

    inner join training_jobs using (job_id)

    where $job_ids is null or list_contains($job_ids, filtered_jobs.job_id)

),

members as (

    select
        job_id,
        entry.instance_type as instance_type,
        entry.instance_count as instance_count

    from (select job_id, unnest(instance_groups) as entry from jobs)

),

-- which type a host is of, its metrics do not say: known where only one with accelerators, and one
-- without, is in the cluster
shapes as (

    select
        members.job_id,
        sum(members.instance_count) as host_count,
        sum(members.instance_count) filter (instance_accelerator_count > 0)
            as accelerated_host_count,
        count(distinct members.instance_type) filter (instance_accelerator_count > 0)
            as accelerated_type_count,
        count(distinct members.instance_type) filter (coalesce(instance_accelerator_count, 0) = 0)
            as cpu_type_count,
        max(vcpu_count) filter (instance_accelerator_count > 0) as accelerated_vcpu_count,
        max(vcpu_count) filter (coalesce(instance_accelerator_count, 0) = 0) as cpu_vcpu_count,
        max(instance_accelerator_count) as host_accelerator_count

    from members

    left join instance_types using (instance_type)

    group by members.job_id

),

hosts as (

    select
        jobs.job_id,
        metric_samples.host_name,
        sum(metric_value * coalesce(period_s, 60)) filter (metric_name = 'CPUUtilization')
            as cpu_percent_s,
        sum(coalesce(period_s, 60)) filter (metric_name = 'CPUUtilization') as cpu_s,
        sum(metric_value * coalesce(period_s, 60)) filter (metric_name = 'GPUUtilization')
            as gpu_percent_s,
        sum(coalesce(period_s, 60)) filter (metric_name = 'GPUUtilization') as gpu_s

    from metric_samples

    inner join jobs on
        metric_samples.job_name = jobs.job_name
        and coalesce(metric_samples.account_id, jobs.account_id) = jobs.account_id
        and coalesce(metric_samples.region, jobs.region) = jobs.region

    where metric_samples.metric_name in ('CPUUtilization', 'GPUUtilization')
        and lower(coalesce(metric_samples.statistic_name, 'average')) in ('average', 'avg', 'mean')

    group by jobs.job_id, metric_samples.host_name

),

host_sizes as (

    select
        hosts.*,
        shapes.host_accelerator_count,
        case
            when hosts.gpu_s > 0 and shapes.accelerated_type_count = 1
                then shapes.accelerated_vcpu_count
            when shapes.accelerated_type_count = 1 and shapes.cpu_type_count = 0
                then shapes.accelerated_vcpu_count
            when hosts.gpu_s is null and shapes.cpu_type_count = 1 then shapes.cpu_vcpu_count
        end as vcpu_count,
        shapes.accelerated_type_count = 1 as is_gpu_resolved

    from hosts

    inner join shapes using (job_id)

),

measured as (

    select
        job_id,
        case when count(vcpu_count) filter (cpu_s > 0) = count(cpu_s)
            then sum(cpu_percent_s) / sum(100 * vcpu_count * cpu_s) end as cpu_ratio,
        case when bool_and(is_gpu_resolved)
            then sum(gpu_percent_s) / sum(100 * host_accelerator_count * gpu_s) end as gpu_ratio,
        sum(cpu_s) as cpu_s,
        sum(gpu_s) as gpu_s

    from host_sizes

    group by job_id

)

select
    jobs.job_id,
    jobs.job_name,
    jobs.account_id,
    jobs.region,
    jobs.user_name,
    jobs.instance_type,
    jobs.instance_count,
    jobs.created_at,
    jobs.list_cost_usd,
    coalesce(measured.cpu_ratio, jobs.own_cpu_ratio) as cpu_utilization_ratio,
    case when shapes.accelerated_host_count > 0
        then coalesce(measured.gpu_ratio, jobs.own_gpu_ratio) end as accelerator_utilization_ratio,
    coalesce(shapes.accelerated_host_count, 0) > 0 as has_accelerators,
    -- of hosts with accelerators where there are any: theirs is the time that costs most
    case when measured.job_id is null then null
        when shapes.accelerated_host_count > 0
            then coalesce(gpu_s, 0) / (shapes.accelerated_host_count * nullif(run_s, 0))
        else coalesce(cpu_s, 0) / (shapes.host_count * nullif(run_s, 0))
    end as coverage_ratio

from jobs

left join shapes using (job_id)

left join measured using (job_id)

where measured.job_id is not null or own_cpu_ratio is not null or own_gpu_ratio is not null

order by jobs.created_at, jobs.job_name
