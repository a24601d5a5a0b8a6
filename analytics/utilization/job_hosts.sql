-- What was measured on each host of a job, and which instance type it has.
-- Grain: one row a job and host. Unit: hours, ratio.
-- Definition: docs/metrics/gpu_utilization_ratio.md, coverage_ratio.md
with

{readings}

select
    job_name,
    account_id,
    region,
    host_name,
    case when is_unresolved then null else any_value(type_name) end as instance_type,
    is_unresolved,
    sum(sample_count)::bigint as sample_count,
    max(metric_h) as host_h,
    {ratio_of_cpu} as cpu_utilization_ratio,
    {ratio_of_gpu} as gpu_utilization_ratio,
    {ratio_of_gpu_memory} as gpu_memory_utilization_ratio,
    {ratio_of_memory} as memory_utilization_ratio,
    {ratio_of_disk} as disk_utilization_ratio,
    sum(rejected_count)::bigint as out_of_range_sample_count

from (
    select
        job_id,
        host_name,
        type_name,
        metric_name,
        is_unresolved,
        sum(sample_count) as sample_count,
        sum(rejected_count) as rejected_count,
        sum(measured_s) / 3600 as metric_h,
        sum(used_s * unit_count) as used_unit_s,
        sum(measured_s * unit_count) as unit_s
    from readings
    where host_name is not null and not is_surplus and (is_unresolved or $hosts = 'all')
    group by all
)

inner join held_jobs using (job_id)

group by job_id, job_name, account_id, region, host_name, is_unresolved

order by
    job_name, account_id, region,
    try_cast(regexp_extract(host_name, '/algo-(\d+)$', 1) as bigint), host_name
