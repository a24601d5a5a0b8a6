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

-- what a heterogeneous cluster would lose: warm starts and what they saved, idle time that was paid
-- for them, and seconds that spot was not billed; null where any job's part is unknown
used_jobs as (

    select
        members.workload,
        members.configuration,
        members.cluster_label,
        count(*)::bigint as job_count,
        count(*) filter (job_facts.outcome = 'hit')::bigint as hit_count,
        count(*) filter (job_facts.eligibility = 'spot')::bigint as spot_job_count,
        case when count(*) filter (outcome = 'hit' and wait_saved_per_hit_s is null) = 0
            then coalesce(sum(wait_saved_per_hit_s) filter (outcome = 'hit'), 0) / 3600
            end as wait_saved_h,
        case when count(*) filter (
                outcome = 'hit' and billed_saved_per_hit_s * job_facts.usd_per_h is null
            ) = 0
            then coalesce(sum(billed_saved_per_hit_s * job_facts.usd_per_h)
                filter (outcome = 'hit'), 0) / 3600
            end as billed_saved_usd,
        coalesce(sum(job_facts.retained_cost_usd), 0) as retained_usd,
        case when count(*) filter (
                eligibility = 'spot'
                and (training_time_s - job_facts.billable_s) * job_facts.usd_per_h is null
            ) = 0
            then coalesce(sum(
                greatest(training_time_s - job_facts.billable_s, 0) * job_facts.usd_per_h
            ) filter (eligibility = 'spot'), 0) / 3600
            end as spot_saved_usd,
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

    left join (select job_id, training_time_s from training_jobs) using (job_id)

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
