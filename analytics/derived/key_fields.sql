-- The fields of pool keys as numbers, equal for equal values; `place` is account and region.
-- Grain: one row a pool of involved_pools, sorted. Unit: none.
-- Definition: docs/metrics/pool_key.md
select
    dense_rank() over (order by account_id, region)::bigint as place,
    {field_codes}

from {pools}

semi join involved_pools using (pool_id)

order by pool_id
