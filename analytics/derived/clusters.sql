-- The cluster of each job in scope: instances, accelerators and price of all its groups together.
-- Grain: one row a job with resources. Unit: as suffixed.
-- Definition: docs/metrics/list_cost_usd.md
create or replace temp table clusters as
with

priced as (

    select
        cluster_members.job_id,
        cluster_members.is_alone,
        cluster_members.instance_type,
        cluster_members.instance_count,
        instance_types.instance_accelerator_count * cluster_members.instance_count
            as accelerator_count,
        cluster_prices.usd_per_h * cluster_members.instance_count as usd_per_h,
        cluster_prices.is_estimated,
        cluster_prices.price_note

    from cluster_members

    left join instance_types on cluster_members.instance_type = instance_types.instance_type

    left join cluster_prices on
        cluster_members.instance_type = cluster_prices.instance_type
        and cluster_members.region = cluster_prices.region
        and cluster_members.price_date = cluster_prices.price_date

)

-- nearly all jobs have one group: nothing to add up
select
    job_id,
    instance_type,
    instance_count,
    accelerator_count,
    usd_per_h,
    is_estimated as is_price_estimated,
    nullif(price_note, '') as price_note

from priced

where is_alone

union all

select
    job_id,
    'mixed' as instance_type,
    case when count(instance_count) = count(*) then sum(instance_count)::bigint end
        as instance_count,
    case when count(accelerator_count) = count(*) then sum(accelerator_count) end
        as accelerator_count,
    case when count(usd_per_h) = count(*) then sum(usd_per_h) end as usd_per_h,
    bool_or(is_estimated) as is_price_estimated,
    nullif(min(price_note), '') as price_note

from priced

where not is_alone

group by job_id
