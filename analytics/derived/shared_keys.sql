-- Keys that exports bring of their own and that stand in several accounts or regions.
-- Grain: one row a key. Unit: none.
-- Definition: docs/metrics/pool_key.md
create or replace temp table shared_keys as
select
    pool_key as own_pool_key,
    count(distinct account_id) > 1 as has_accounts,
    count(distinct region) > 1 as has_regions

from training_jobs

where pool_key is not null

group by pool_key

having count(distinct account_id) > 1 or count(distinct region) > 1
