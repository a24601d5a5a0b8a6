-- What the attempts of the queues in scope held: one row for each instance type of a mixed cluster.
-- Grain: one row an attempt and instance type. Unit: microseconds, instances, accelerators.
-- Definition: docs/metrics/used_instance_h.md
create or replace temp table share_holds as
with

held as (

    select
        coalesce(queue_name, '') as queue,
        coalesce(share_name, '') as share,
        job_id,
        instance_type,
        instance_count,
        accelerator_count,
        instance_groups,
        is_preempted,
        epoch_us(allocated_at) as begin_us,
        epoch_us(released_at) as end_us,
        lower(status) in ({over}) as is_over

    from allocations

    where is_queued and {in_scope}

),

parts as (

    select * exclude (instance_groups)

    from held

    where coalesce(len(instance_groups), 0) < 2

    union all by name

    select
        grouped.* exclude (instance_groups, part, instance_type, instance_count, accelerator_count),
        part.instance_type as instance_type,
        part.instance_count as instance_count,
        part.instance_count * instance_types.instance_accelerator_count as accelerator_count

    from (
        select *, unnest(instance_groups) as part from held where len(instance_groups) > 1
    ) as grouped

    left join instance_types on grouped.part.instance_type = instance_types.instance_type

)

select
    parts.*,
    -- a power of two, so that sums are exact, in whatever order
    round(training_jobs.gpu_utilization_ratio * 1048576) / 1048576 as busy_ratio

from parts

left join training_jobs on
    parts.job_id = training_jobs.job_id and training_jobs.gpu_utilization_ratio is not null
