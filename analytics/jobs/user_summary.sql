-- What each user's jobs cost, how long they waited, and how often they reused a warm cluster.
-- Grain: one row a user. Unit: as suffixed.
-- Definition: docs/metrics/startup_wait_s.md, total_usd.md, hit_rate_ratio.md, wait_lost_s.md
with

waits as (

    select
        job_id,
        any_value(queue_wait_s) as queue_wait_s

    from queue_jobs

    where job_id is not null

    group by job_id

)

select
    filtered_jobs.user_name,
    count(*) as job_count,
    count(*) filter (is_failed) as failed_job_count,
    min(created_at) as first_created_at,
    max(created_at) as last_created_at,
    sum(list_cost_usd - coalesce(billed_startup_usd, 0)) as run_usd,
    sum(billed_startup_usd) as billed_startup_usd,
    sum(retained_cost_usd) as retained_usd,
    -- as the query costs has it
    case when sum(list_cost_usd) is not null or sum(retained_cost_usd) > 0
        then coalesce(sum(list_cost_usd), 0) + coalesce(sum(retained_cost_usd), 0)
    end as total_usd,
    sum(case when is_price_estimated
        and (list_cost_usd is not null or retained_cost_usd is not null)
        then coalesce(list_cost_usd, 0) + coalesce(retained_cost_usd, 0) end) as estimated_usd,
    count(*) filter ({has_no_price}) as unknown_price_job_count,
    sum(startup_latency_s) as startup_wait_s,
    count(startup_latency_s) as known_startup_job_count,
    sum(waits.queue_wait_s) as queue_wait_sum_s,
    count(waits.queue_wait_s) as queued_job_count,
    count(*) filter (eligibility = 'eligible') as eligible_count,
    count(*) filter (outcome = 'hit') as hit_count,
    {hit_rate} as hit_rate_ratio,
    coalesce(sum(pool_savings.wait_saved_per_hit_s) filter (outcome = 'miss'), 0) as wait_lost_s,
    count(distinct pool_id) as pool_count

from filtered_jobs

left join pool_savings using (pool_id)

left join waits using (job_id)

group by filtered_jobs.user_name

order by total_usd desc nulls last, filtered_jobs.user_name
