-- The first job after a change that started a pool of its own, one or two fields away from it.
-- Grain: one row a change that a job broke. Unit: none.
-- Definition: docs/metrics/did_it_pay.md
with

changes as (

    select
        unnest($change_nos::integer[]) as change_no,
        unnest($regions::varchar[]) as region,
        unnest($pool_keys::varchar[]) as pool_key,
        unnest($changed_ats::timestamptz[]) as changed_at

)

select
    changes.change_no,
    min_by(broken.job_name, (broken.created_at, broken.job_name)) as job_name,
    min(broken.created_at) as created_at

from filtered_jobs as broken

inner join job_facts as donor on
    broken.missed_donor_job_name = donor.job_name
    and broken.account_id = donor.account_id
    and broken.region = donor.region

inner join pools on donor.pool_id = pools.pool_id

inner join changes on
    pools.pool_key = changes.pool_key
    and (changes.region = 'unknown' or changes.region = pools.region)
    and broken.created_at >= changes.changed_at

where broken.miss_reason = 'key_changed'

group by changes.change_no

order by changes.change_no
