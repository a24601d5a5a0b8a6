-- Jobs that hold every word of a text, in a total order, the first of them; and how many there are.
-- Grain: one row a training job. Unit: as suffixed.
-- Definition: docs/metrics/list_cost_usd.md, startup_latency_s.md, miss_reason.md
with

-- one term a word and column is several times faster than one over a text of all columns
found as (

    select
        filtered_jobs.*,
        labels.pool_label

    from filtered_jobs

    left join (select pool_id, pool_label from pools) as labels using (pool_id)

    where {holds}

),

counted as (

    select count(*) as match_count from found

)

select
    created_at,
    job_name,
    user_name,
    status,
    instance_type,
    instance_count,
    share_name,
    queue_name,
    pool_label,
    pool_key,
    eligibility,
    outcome,
    evidence,
    miss_reason,
    startup_latency_s,
    billable_s,
    list_cost_usd,
    retained_cost_usd,
    account_id,
    region,
    match_count

from found

cross join counted

order by {sort_by} {direction} nulls last, created_at desc, account_id, region, job_name

{limit}
