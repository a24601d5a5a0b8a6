-- What jobs held: each job that ran, by instance type, with devices and price. Common table expressions.
-- Grain: holdings has one row a job and instance type. Unit: as suffixed; _us is microseconds.
-- Definition: docs/metrics/coverage_ratio.md, idle_cost_usd.md
-- read anew by each that needs a few of its columns: quicker than to keep them all
held_jobs as not materialized (

    select
        job_id,
        account_id,
        region,
        job_name,
        created_at,
        user_name,
        share_name,
        queue_name,
        instance_type as cluster_type,
        instance_count as cluster_instance_count,
        accelerator_count as cluster_accelerator_count,
        usd_per_h as cluster_usd_per_h,
        is_price_estimated as is_cluster_price_estimated,
        epoch_us(training_started_at) as start_us,
        epoch_us(training_ended_at) as end_us

    from filtered_jobs

    where training_ended_at > training_started_at and instance_count > 0

),

mixed_groups as materialized (

    select
        job_id,
        member.instance_type as instance_type,
        sum(member.instance_count) as instance_count

    from (
        select
            job_id,
            unnest(instance_groups) as member
        from training_jobs
        semi join (select job_id from held_jobs where cluster_type = 'mixed') as mixed using (job_id)
    )

    group by all

),

-- the price of an instance of a mixed cluster, as for the cluster as a whole
cluster_members as (

    select
        instance_type,
        region,
        created_at::date as price_date

    from mixed_groups

    inner join held_jobs using (job_id)

),

cluster_prices as (

    {cluster_prices}

),

holdings as not materialized (

    select
        held_jobs.*,
        cluster_type as instance_type,
        cluster_instance_count as instance_count,
        instance_types.vcpu_count,
        -- an export may say how many GPUs a job held of its hosts
        case when instance_types.accelerator_kind = 'neuron' then 0
            else cluster_accelerator_count / cluster_instance_count end as gpu_count,
        case when gpu_count > 0
            then cluster_usd_per_h / (gpu_count * cluster_instance_count) end as usd_per_gpu_h,
        is_cluster_price_estimated as is_price_estimated,
        1 as type_no

    from held_jobs

    left join instance_types on held_jobs.cluster_type = instance_types.instance_type

    where cluster_type is distinct from 'mixed'

    union all

    select
        held_jobs.*,
        mixed_groups.instance_type,
        mixed_groups.instance_count,
        instance_types.vcpu_count,
        case when instance_types.accelerator_kind = 'gpu'
                then instance_types.instance_accelerator_count
            when instance_types.instance_type is not null then 0 end as gpu_count,
        case when gpu_count > 0 then cluster_prices.usd_per_h / gpu_count end,
        cluster_prices.is_estimated,
        -- the type with most GPUs stands for the job where jobs are counted
        row_number() over (
            partition by job_id order by gpu_count desc nulls last, mixed_groups.instance_type
        )

    from held_jobs

    inner join mixed_groups using (job_id)

    left join instance_types on mixed_groups.instance_type = instance_types.instance_type

    left join cluster_prices on
        mixed_groups.instance_type = cluster_prices.instance_type
        and held_jobs.region = cluster_prices.region
        and held_jobs.created_at::date = cluster_prices.price_date

    where mixed_groups.instance_count > 0

)
