-- First jobs of the pools whose key is known field by field: those that may be `key_changed`.
-- Grain: one row a job. Unit: microseconds since 1970.
-- Definition: docs/metrics/miss_reason.md
select
    job_id,
    pool_id,
    epoch_us(request_at) as request_us

from {job_facts}

where
    miss_reason in ('first_of_key', 'key_changed')
    and pool_id in (select pool_id from {pools} where role_arn is not null)
