-- Effective-dated list prices with their sources.
-- Grain: one row a price, region and day, however many imports have it. Unit: USD an instance-hour.
-- Definition: docs/metrics/list_cost_usd.md
select distinct
    instance_type,
    region,
    component,
    list_unit_price_usd_per_h,
    low_usd_per_h,
    high_usd_per_h,
    effective_from,
    as_of_date,
    source,
    note,
    is_users

from prices

order by instance_type, region, effective_from, component
