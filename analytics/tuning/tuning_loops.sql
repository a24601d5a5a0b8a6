-- Tuning loops in the history: at least three rounds of as many jobs, each after the one before.
-- Grain: one row a loop. Unit: as suffixed; times are medians.
-- Definition: docs/metrics/tuning_loops.md
with

-- only what the windows need: sorting every column of every job would take most of the time
named as (

    select
        job_id,
        pool_id,
        case when pool_id is null then concat_ws('/', account_id, region) end as place,
        created_at,
        training_ended_at,
        -- without a number or a time at its end
        coalesce(
            nullif(regexp_replace(job_name, '([-_.]?[0-9][0-9a-zA-Z]*)+$', ''), ''), job_name
        ) as loop_name

    from filtered_jobs

    where eligibility <> 'tuning' and training_ended_at is not null

),

marked as (

    select
        *,
        row_number() over job_order as place_no,
        coalesce(created_at > lag(created_at) over job_order + to_seconds($within_s), true)
            as is_first,
        coalesce(lead(created_at) over job_order > created_at + to_seconds($within_s), true)
            as is_last

    from named

    window job_order as (partition by pool_id, place, loop_name order by created_at, job_id)

),

-- asked for twice; a job that is a round by itself is none of a loop, and most jobs are
numbered as materialized (

    select
        *,
        sum(is_first::integer) over (
            partition by pool_id, place, loop_name order by place_no
        ) as round_no

    from marked

    where not (is_first and is_last)

),

bursts as (

    select
        pool_id,
        place,
        loop_name,
        round_no,
        count(*) as jobs_per_round_count,
        min(place_no) as first_place_no,
        max(place_no) as last_place_no,
        min(created_at) as began_at,
        max(training_ended_at) as ended_at

    from numbered

    group by pool_id, place, loop_name, round_no

),

followed as (

    select
        *,
        (epoch_us(began_at) - epoch_us(lag(ended_at) over round_order)) / 1e6 as idle_s,
        -- a round follows the one before, with no job between: as many jobs, not before it ended,
        -- not much later
        coalesce(
            first_place_no = lag(last_place_no) over round_order + 1
            and jobs_per_round_count = lag(jobs_per_round_count) over round_order
            and idle_s between 0 and $most_idle_s,
            false
        ) as is_next

    from bursts

    window round_order as (
        partition by pool_id, place, loop_name order by round_no
    )

),

loops as (

    select
        *,
        sum((not is_next)::integer) over (
            partition by pool_id, place, loop_name order by round_no
        ) as loop_no

    from followed

),

long_loops as (

    select
        pool_id,
        place,
        loop_name,
        loop_no,
        min(round_no) as first_round_no,
        max(round_no) as last_round_no,
        any_value(jobs_per_round_count)::bigint as jobs_per_round_count,
        count(*)::bigint as rounds,
        median(idle_s) filter (is_next) as idle_s

    from loops

    group by pool_id, place, loop_name, loop_no

    having count(*) >= 3

)

select
    long_loops.loop_name,
    long_loops.jobs_per_round_count,
    long_loops.rounds,
    count(*)::bigint as job_count,
    median(jobs.startup_latency_s) filter (jobs.start_kind = 'cold') as startup_cold_s,
    median(jobs.startup_latency_s) filter (jobs.start_kind = 'warm') as startup_warm_s,
    median(jobs.billable_s - jobs.download_s) as training_median_s,
    any_value(long_loops.idle_s) as round_gap_median_s,
    any_value(jobs.instance_type) as instance_type,
    any_value(jobs.instance_count) as instance_count,
    mode(jobs.user_name) as user_name,
    any_value(jobs.pool_key) as pool_key,
    min(jobs.created_at) as first_created_at,
    max(jobs.created_at) as last_created_at,
    any_value(pools.pool_label) as pool_label

from long_loops

inner join numbered on
    long_loops.pool_id is not distinct from numbered.pool_id
    and long_loops.place is not distinct from numbered.place
    and long_loops.loop_name = numbered.loop_name
    and numbered.round_no between long_loops.first_round_no and long_loops.last_round_no

inner join job_facts as jobs on numbered.job_id = jobs.job_id

left join pools on long_loops.pool_id = pools.pool_id

group by
    long_loops.pool_id,
    long_loops.place,
    long_loops.loop_name,
    long_loops.loop_no,
    long_loops.jobs_per_round_count,
    long_loops.rounds

order by job_count desc, first_created_at, long_loops.loop_name
