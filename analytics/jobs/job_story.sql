-- Everything that is known of a job: its records, its pool, whose cluster it had, what it cost.
-- Grain: one row a training job. Unit: as suffixed.
-- Definition: docs/metrics/helpful_keep_alive_s.md, list_cost_usd.md, evidence.md, queue_wait_s.md
with

-- of one cluster only one job can be the next
reusers as (

    select
        reuser.donor_job_id as job_id,
        any_value(reuser.job_name) as reusing_job_name

    from job_facts as reuser

    inner join filtered_jobs on reuser.donor_job_id = filtered_jobs.job_id

    group by reuser.donor_job_id

),

waits as (

    select
        queue_jobs.job_id,
        any_value(queue_jobs.scheduling_priority) as scheduling_priority,
        any_value(queue_jobs.attempt_count) as attempt_count,
        any_value(queue_jobs.preempted_attempt_count) as preempted_attempt_count,
        any_value(queue_jobs.queue_wait_s) as queue_wait_s

    from queue_jobs

    semi join filtered_jobs using (job_id)

    group by queue_jobs.job_id

)

select
    filtered_jobs.job_name,
    filtered_jobs.account_id,
    filtered_jobs.region,
    filtered_jobs.created_at,
    filtered_jobs.request_at,
    filtered_jobs.training_started_at,
    filtered_jobs.training_ended_at,
    filtered_jobs.status,
    training_jobs.failure_reason,
    filtered_jobs.user_name,
    filtered_jobs.instance_type,
    filtered_jobs.instance_count,
    filtered_jobs.accelerator_count,
    filtered_jobs.input_mode,
    filtered_jobs.queue_name,
    filtered_jobs.share_name,
    waits.scheduling_priority,
    waits.attempt_count,
    waits.preempted_attempt_count,
    waits.queue_wait_s,
    filtered_jobs.pool_key,
    pools.pool_label,
    filtered_jobs.keep_alive_period_s,
    filtered_jobs.eligibility,
    filtered_jobs.outcome,
    filtered_jobs.evidence,
    filtered_jobs.miss_reason,
    filtered_jobs.gap_s,
    filtered_jobs.missed_by_s,
    filtered_jobs.differing_fields,
    filtered_jobs.donor_job_name,
    filtered_jobs.missed_donor_job_name,
    filtered_jobs.unlimited_gap_s,
    keeper.job_name as helpful_donor_job_name,
    coalesce(reusers.reusing_job_name, training_jobs.reused_by_job_name) as reusing_job_name,
    filtered_jobs.startup_latency_s,
    filtered_jobs.provisioning_s,
    filtered_jobs.download_s,
    filtered_jobs.billable_s,
    filtered_jobs.retained_s,
    pool_savings.wait_saved_per_hit_s,
    filtered_jobs.usd_per_h,
    filtered_jobs.list_cost_usd - coalesce(filtered_jobs.billed_startup_usd, 0) as run_usd,
    filtered_jobs.billed_startup_usd,
    filtered_jobs.retained_cost_usd as retained_usd,
    -- an idle cluster of a known cost of 0 does not make an unknown run a known total
    case when filtered_jobs.list_cost_usd is not null or filtered_jobs.retained_cost_usd > 0
        then coalesce(filtered_jobs.list_cost_usd, 0)
            + coalesce(filtered_jobs.retained_cost_usd, 0) end as total_usd,
    filtered_jobs.price_note,
    filtered_jobs.is_price_estimated

from filtered_jobs

left join training_jobs on filtered_jobs.job_id = training_jobs.job_id

left join pools using (pool_id)

left join pool_savings using (pool_id)

left join job_facts as keeper on filtered_jobs.unlimited_donor_job_id = keeper.job_id

left join reusers on filtered_jobs.job_id = reusers.job_id

left join waits on filtered_jobs.job_id = waits.job_id

order by
    filtered_jobs.created_at desc,
    filtered_jobs.account_id,
    filtered_jobs.region,
    filtered_jobs.job_name

{limit}
