-- How many instances of a type an account may train on, and how many it may keep warm, as seen last.
-- Grain: one row an account, region and quota. Unit: instances.
-- Definition: docs/exporting.md
select
    account_id,
    region,
    instance_type,
    quota_kind,
    quota_value,
    is_adjustable,
    quota_name,
    quota_code,
    observed_at

from service_quotas

where quota_kind is not null

qualify row_number() over (
    partition by account_id, region, quota_code order by observed_at desc
) = 1

order by account_id, region, instance_type, quota_kind
