-- What jobs cost at list prices: run, billed startup and idle warm clusters.
-- Grain: one row a group. Unit: USD.
-- Definition: docs/metrics/list_cost_usd.md, retained_cost_usd.md
with

reusers as (

    select
        job_id,
        donor_job_id

    from job_facts

    where donor_job_id is not null and $attribute_to in ('reuser', 'half')

),

-- which job a retained cluster counts towards is a choice; the sum over all groups is the same
retained as (

    select
        donor.job_id as donor_job_id,
        case
            when $attribute_to = 'reuser' then coalesce(reuser.job_id, donor.job_id)
            else donor.job_id
        end as job_id,
        donor.retained_cost_usd
            * case when $attribute_to = 'half' and reuser.job_id is not null then 0.5 else 1 end
            as retained_cost_usd

    from filtered_jobs as donor

    left join reusers as reuser on donor.job_id = reuser.donor_job_id

    where donor.retained_cost_usd is not null and $attribute_to in ('reuser', 'half')

    union all

    select
        donor.job_id,
        reuser.job_id,
        donor.retained_cost_usd * 0.5

    from filtered_jobs as donor

    inner join reusers as reuser on donor.job_id = reuser.donor_job_id

    where donor.retained_cost_usd is not null and $attribute_to = 'half'

    union all

    select
        member.job_id,
        member.job_id,
        pool.retained_cost_usd / pool.job_count

    from filtered_jobs as member

    inner join (
        select
            pool_id,
            sum(retained_cost_usd) as retained_cost_usd,
            count(*) as job_count
        from filtered_jobs
        where pool_id is not null
        group by pool_id
    ) as pool using (pool_id)

    where pool.retained_cost_usd is not null and $attribute_to = 'key_users'

    union all

    select
        job_id,
        job_id,
        retained_cost_usd

    from filtered_jobs

    where pool_id is null and retained_cost_usd is not null and $attribute_to = 'key_users'

),

parts as (

    select
        {by} as group_value,
        1 as job_count,
        list_cost_usd - coalesce(billed_startup_usd, 0) as run_usd,
        billed_startup_usd,
        case when $attribute_to = 'donor' then retained_cost_usd end as retained_usd,
        case when is_failed and (list_cost_usd is not null or retained_usd is not null)
            then coalesce(list_cost_usd, 0) + coalesce(retained_usd, 0) end as failed_usd,
        case when is_price_estimated and (list_cost_usd is not null or retained_usd is not null)
            then coalesce(list_cost_usd, 0) + coalesce(retained_usd, 0) end as estimated_usd,
        ({has_no_price})::integer
            as unknown_price_job_count,
        (eligibility = 'serverless')::integer as billed_by_tokens_job_count,
        (billable_s is null)::integer as unknown_billable_job_count,
        (retained_s is null)::integer as unknown_retained_job_count,
        (list_cost_usd is not null and billed_startup_usd is null)::integer
            as unknown_startup_job_count

    from filtered_jobs

    union all

    select
        {by},
        0,
        null,
        null,
        retained.retained_cost_usd,
        case when is_failed then retained.retained_cost_usd end,
        case when is_price_estimated then retained.retained_cost_usd end,
        0,
        0,
        0,
        0,
        0

    from (select job_id, retained_cost_usd from retained) as retained

    inner join (select * exclude (retained_cost_usd) from job_facts) as bearer using (job_id)

)

select
    parts.group_value::varchar as group_value,
    sum(job_count)::bigint as job_count,
    sum(run_usd) as run_usd,
    sum(billed_startup_usd) as billed_startup_usd,
    sum(retained_usd) as retained_usd,
    sum(failed_usd) as failed_usd,
    -- idle clusters of a known cost of 0 do not make an unknown run a known total
    case when sum(run_usd) is not null or sum(retained_usd) > 0
        then coalesce(sum(run_usd), 0) + coalesce(sum(billed_startup_usd), 0)
            + coalesce(sum(retained_usd), 0)
    end as total_usd,
    sum(estimated_usd) as estimated_usd,
    sum(unknown_price_job_count)::bigint as unknown_price_job_count,
    sum(billed_by_tokens_job_count)::bigint as billed_by_tokens_job_count,
    sum(unknown_billable_job_count)::bigint as unknown_billable_job_count,
    sum(unknown_retained_job_count)::bigint as unknown_retained_job_count,
    sum(unknown_startup_job_count)::bigint as unknown_startup_job_count

from parts

group by parts.group_value

order by {order_by}
