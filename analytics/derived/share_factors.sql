-- The weight factor of each share of the queues that have a fair-share policy, over time.
-- Grain: one row a queue, share and date. Unit: weight factor, microseconds.
-- Definition: docs/metrics/own_instance_h.md
create or replace temp table share_factors as
with

queue_rows as (

    select
        queue_name as queue,
        lower(scheduling_policy_arn) as arn,
        case when row_number() over (partition by queue_name order by observed_at) = 1 then $ever
            else epoch_us(observed_at) end as at_us

    from job_queues

    where queue_name in (select queue from share_queues)

),

policy_rows as (

    select
        lower(policy_arn) as arn,
        share_weights,
        case when row_number() over (partition by lower(policy_arn) order by observed_at) = 1
            then $ever else epoch_us(observed_at) end as at_us

    from scheduling_policies

    where share_kind = 'fair_share'

),

moments as (

    select queue, at_us from queue_rows

    union

    select queue_rows.queue, policy_rows.at_us from queue_rows inner join policy_rows using (arn)

),

policies as (

    select
        placed.queue,
        placed.at_us,
        policy_rows.share_weights

    from (
        select moments.queue, moments.at_us, queue_rows.arn
        from moments
        asof inner join queue_rows on
            moments.queue = queue_rows.queue and moments.at_us >= queue_rows.at_us
    ) as placed

    asof inner join policy_rows on
        placed.arn = policy_rows.arn and placed.at_us >= policy_rows.at_us

)

select
    shares.queue,
    shares.share,
    policies.at_us,
    -- exact names first, then the longest beginning; a share that is not listed has factor 1
    coalesce(
        list_filter(share_weights, lambda one: one.share_name = shares.share)[1].weight_factor,
        list_reverse_sort(list_transform(
            list_filter(
                share_weights,
                lambda one: ends_with(one.share_name, '*')
                    and starts_with(shares.share, one.share_name[:-2])
            ),
            lambda one: struct_pack(size := length(one.share_name), factor := one.weight_factor)
        ))[1].factor,
        1.0
    ) as weight_factor

from policies

inner join (select distinct queue, share from share_groups) as shares using (queue)
