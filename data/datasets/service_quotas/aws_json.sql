-- Landed answers of list-service-quotas, typed; whose quota limits the training of what type.
-- Grain: one row a landed quota. Unit: UTC instants; the value in the quota's own unit.
-- Definition: docs/exporting.md
select
    * exclude (envelope),
    coalesce(arn_account(record.QuotaArn), 'import:service-quotas') as account_id,
    coalesce(arn_region(record.QuotaArn), 'unknown') as region,
    record.QuotaCode as quota_code,
    record.QuotaName as quota_name,
    parse_instant(envelope."time") as observed_at,
    case regexp_extract(record.QuotaName, '^ml\.\S+ for (.+) usage$', 1)
        when 'training warm pool' then 'training_warm_pool'
        when 'training job' then 'training_job'
        when 'spot training job' then 'spot_training_job'
    end as quota_kind,
    nullif(regexp_extract(record.QuotaName, '^(ml\.\S+) for .+ usage$', 1), '') as instance_type,
    parse_number(record."Value") as quota_value,
    parse_boolean(record.Adjustable) as is_adjustable,
    [
        missing_fault('QuotaCode', record.QuotaCode),
        missing_fault('QuotaName', record.QuotaName),
        text_fault('QuotaCode', record.QuotaCode),
        text_fault('QuotaName', record.QuotaName),
        text_fault('QuotaArn', record.QuotaArn),
        number_fault('Value', record."Value", 0, 1000000000)
    ] as faults

from answered
