-- Cost by user
-- Grain: one row a user. Unit: USD at list prices.
-- Definition: docs/metrics/list_cost_usd.md
select
    user_name,
    count(*) as job_count,
    sum(list_cost_usd) as list_cost_usd,
    sum(retained_cost_usd) as retained_cost_usd

from job_facts

group by user_name
order by list_cost_usd desc nulls last
