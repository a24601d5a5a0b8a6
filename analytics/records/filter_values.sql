-- Values that jobs can be filtered by.
-- Grain: one row per (column, value). Unit: counts.
-- Definition: docs/glossary.md
select
    case
        when grouping(account_id) = 0 then 'account_id'
        when grouping(region) = 0 then 'region'
        when grouping(user_name) = 0 then 'user_name'
        else 'instance_type'
    end as column_name,
    coalesce(account_id, region, user_name, instance_type) as group_value,
    count(*) as job_count

from filtered_jobs

group by grouping sets ((account_id), (region), (user_name), (instance_type))

order by column_name, job_count desc, group_value
