-- What advice is based on: all that was imported but decisions on it.
-- Grain: one row. Unit: none.
-- Definition: docs/metrics/advice.md
select
    count(*) as import_count,
    coalesce(max(import_id), 0) as newest_import_id,
    coalesce(sum(is_superseded::integer), 0)::bigint as superseded_count

from imports

where kind <> 'advice_decisions'
