-- Job queues with their newest settings: policy, weights of shares, and limits of environments.
-- Grain: one row a job queue that was observed, or that a service job names. Unit: as suffixed.
-- Definition: docs/exporting.md
with

newest_queues as (

    select * from job_queues
    qualify row_number() over (
        partition by account_id, region, queue_name order by observed_at desc
    ) = 1

),

newest_policies as (

    select * from scheduling_policies
    qualify row_number() over (
        partition by account_id, region, policy_name order by observed_at desc
    ) = 1

),

newest_environments as (

    select * from service_environments
    qualify row_number() over (
        partition by account_id, region, environment_name order by observed_at desc
    ) = 1

),

job_counts as (

    select account_id, region, queue_name, count(*) as service_job_count
    from service_jobs
    where queue_name is not null
    group by all

),

limits as (

    select
        queue.account_id,
        queue.region,
        queue.queue_name,
        flatten(list(environment.capacity_limits order by queue.place)) as capacity_limits

    from (
        select
            account_id,
            region,
            queue_name,
            unnest(service_environment_arns) as environment_arn,
            generate_subscripts(service_environment_arns, 1) as place
        from newest_queues
    ) as queue

    inner join newest_environments as environment
        on lower(environment.environment_arn) = lower(queue.environment_arn)

    where environment.capacity_limits is not null

    group by all

)

select
    queue_name,
    account_id,
    region,
    queue.state,
    queue.status,
    queue.queue_priority,
    policy.policy_name,
    policy.share_kind,
    policy.share_decay_s,
    policy.compute_reservation_pct,
    policy.share_weights,
    limits.capacity_limits,
    coalesce(job_counts.service_job_count, 0) as service_job_count,
    queue.observed_at

from newest_queues as queue

full join job_counts using (account_id, region, queue_name)

left join newest_policies as policy
    on lower(policy.policy_arn) = lower(queue.scheduling_policy_arn)

left join limits using (account_id, region, queue_name)

order by account_id, region, queue_name
