-- Where jobs could use warm pools, since when, and what the quotas were when they were read last.
-- Grain: one row an account, region, instance type and quota. Unit: counts, instances, days.
-- Definition: docs/metrics/quota_advice.md
with

used as (

    select
        account_id,
        region,
        instance_type,
        count(*) as job_count,
        min({created_day}) as first_day

    from filtered_jobs

    where eligibility = 'eligible' and instance_type is not null and instance_type <> 'mixed'

    group by all

),

ends as (

    select max({created_day}) as last_day
    from job_facts
    where $until::timestamptz is null or created_at < $until

),

kinds as (

    select unnest(['training_warm_pool', 'training_job']) as quota_kind

),

quotas as (

    select
        account_id,
        region,
        instance_type,
        quota_kind,
        quota_value,
        quota_name,
        quota_code,
        is_adjustable,
        observed_at

    from service_quotas

    where quota_kind in ('training_warm_pool', 'training_job')

    qualify row_number() over (
        partition by account_id, region, instance_type, quota_kind order by observed_at desc
    ) = 1

)

select
    used.account_id,
    used.region,
    used.instance_type,
    kinds.quota_kind,
    job_count,
    first_day,
    last_day,
    quota_value,
    quota_name,
    quota_code,
    is_adjustable,
    observed_at

from used

cross join ends

cross join kinds

left join quotas on
    used.account_id is not distinct from quotas.account_id
    and used.region is not distinct from quotas.region
    and used.instance_type = quotas.instance_type
    and kinds.quota_kind = quotas.quota_kind

order by account_id, region, instance_type, quota_kind desc
