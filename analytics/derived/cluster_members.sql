-- The instance groups of each job in scope: what its cluster is made of.
-- Grain: one row an instance group of a job. Unit: count.
-- Definition: docs/metrics/list_cost_usd.md
create or replace temp table cluster_members as
select
    job_id,
    created_at::date as price_date,
    region,
    entry.member.instance_type as instance_type,
    entry.member.instance_count as instance_count,
    false as is_alone

from job_scope, lateral (select unnest(instance_groups) as member) as entry

where len(instance_groups) > 1

union all

select
    job_id,
    created_at::date,
    region,
    instance_groups[1].instance_type,
    instance_groups[1].instance_count,
    true

from job_scope

where len(instance_groups) = 1
