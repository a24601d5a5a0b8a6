-- What was measured of each configuration: the clusters that candidates are predicted from.
-- Grain: one row a configuration of a workload. Unit: ms, ratio.
-- Definition: docs/metrics/predicted_step_time_ms.md
with

{measured_configurations},

members as (

    select
        workload,
        configuration,
        cluster_label,
        list(distinct job_id) filter (job_id is not null) as job_ids

    from samples

    group by workload, configuration, cluster_label

),

-- what a heterogeneous cluster would lose: warm starts, and what they saved
used_jobs as (

    select
        members.workload,
        members.configuration,
        members.cluster_label,
        count(*)::bigint as job_count,
        count(*) filter (job_facts.outcome = 'hit')::bigint as hit_count,
        count(*) filter (job_facts.eligibility = 'spot')::bigint as spot_job_count,
        sum(pool_savings.wait_saved_per_hit_s) filter (job_facts.outcome = 'hit') / 3600
            as wait_saved_h,
        sum(pool_savings.billed_saved_per_hit_s * job_facts.usd_per_h)
            filter (job_facts.outcome = 'hit') / 3600 as billed_saved_usd,
        sum(job_facts.list_cost_usd) as list_cost_usd,
        (epoch_us(max(job_facts.created_at)) - epoch_us(min(job_facts.created_at))) / 3.6e9
            as span_h

    from (
        select
            workload,
            configuration,
            cluster_label,
            unnest(job_ids) as job_id
        from members
    ) as members

    inner join job_facts using (job_id)

    left join pool_savings using (pool_id)

    group by members.workload, members.configuration, members.cluster_label

)

select
    configurations.* exclude (first_seen, price_region, instance_groups),
    list_transform(configurations.instance_groups, lambda entry: entry.instance_type)
        as group_types,
    list_transform(configurations.instance_groups, lambda entry: entry.instance_count)
        as group_counts,
    coalesce(configurations.price_region, '') as price_region,
    spreads.unit_count,
    spreads.standard_error_ms,
    coalesce(members.job_ids, []) as job_ids,
    used_jobs.* exclude (workload, configuration, cluster_label)

from configurations

left join spreads using (workload, configuration, cluster_label)

left join members using (workload, configuration, cluster_label)

left join used_jobs using (workload, configuration, cluster_label)

-- the default baseline comes first
order by
    configurations.workload,
    len(configurations.instance_groups),
    configurations.first_seen,
    configurations.configuration,
    configurations.cluster_label
