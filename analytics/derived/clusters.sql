-- The cluster of each job in scope: instances, accelerators and price of all its groups together.
-- Grain: one row a job with resources. Unit: as suffixed.
-- Definition: docs/metrics/list_cost_usd.md
create or replace temp table clusters as
select
    cluster_members.job_id,
    case when count(*) > 1 then 'mixed'
        else any_value(cluster_members.instance_type) end as instance_type,
    case when count(cluster_members.instance_count) = count(*)
        then sum(cluster_members.instance_count)::bigint end as instance_count,
    case
        when count(instance_types.instance_accelerator_count * cluster_members.instance_count)
            = count(*)
            then sum(instance_types.instance_accelerator_count * cluster_members.instance_count)
    end as accelerator_count,
    case when count(cluster_prices.usd_per_h * cluster_members.instance_count) = count(*)
        then sum(cluster_prices.usd_per_h * cluster_members.instance_count) end as usd_per_h,
    bool_or(cluster_prices.is_estimated) as is_price_estimated,
    nullif(min(cluster_prices.price_note), '') as price_note

from cluster_members

left join instance_types on cluster_members.instance_type = instance_types.instance_type

left join cluster_prices on
    cluster_members.instance_type = cluster_prices.instance_type
    and cluster_members.region = cluster_prices.region
    and cluster_members.price_date = cluster_prices.price_date

group by cluster_members.job_id
