"""Deriving a store of 1 million jobs over 10,000 keys: all of it, and after 40 jobs changed."""

from pathlib import Path
from tempfile import TemporaryDirectory

from histories import START_S
from measuring import Row, each_size, peak_memory_gib, timed

from analytics.derived.derive import derive
from data.ingest.home_store import open_home
from data.store.home import Home
from data.store.store import Store

SIZES = (1_000_000,)
KEYS = 10_000
CHANGED = 40
AIM = "aim: below 1 s"

# describe-like records with lists, whose keys differ in few fields; a job that asks within the
# keep-alive period of the one before starts warm, and is named by it
_JOBS = """
with drawn as (
    select
        i,
        least(floor(pow((hash(i, 1) % 1000000) / 1e6, 3) * {keys})::integer, {keys} - 1) as key,
        {start} + (hash(i, 2) % (365 * 86400))::bigint as created_s,
        (hash(i, 3) % 60)::integer as spread_s,
        60 + (hash(i, 4) % 3600)::integer as run_s
    from range({jobs}) as numbers(i)
),
followed as (
    select
        *,
        lead(created_s) over pool as next_s,
        lead(i) over pool as next_i,
        created_s + 150 + 2 * spread_s + run_s as ended_s,
        created_s - lag(created_s + 150 + 2 * spread_s + run_s) over pool between 0 and 599
            as is_warm
    from drawn
    window pool as (partition by key order by created_s, i)
),
timed as (
    select
        *,
        created_s + case when is_warm then 10 else 60 + spread_s end as started_s,
        started_s + 30 + spread_s as trained_s
    from followed
)
select
    nextval('job_ids') as job_id,
    '123456789012' as account_id,
    'us-east-1' as region,
    concat('job-', i) as job_name,
    'describe' as record_kind,
    to_timestamp(created_s) as created_at,
    to_timestamp(started_s) as training_started_at,
    to_timestamp(trained_s) as first_training_at,
    to_timestamp(ended_s) as training_ended_at,
    'Completed' as status,
    concat('arn:aws:iam::123456789012:role/role-', key % 100) as role_arn,
    [{{
        'group_name': null,
        'instance_type': ['ml.g5.2xlarge', 'ml.p4d.24xlarge', 'ml.m5.xlarge'][1 + key % 3],
        'instance_count': 1 + key % 4
    }}] as instance_groups,
    30.0 + key // 100 as volume_size_gib,
    [concat('sg-', key % 7)] as security_group_ids,
    ['subnet-a', 'subnet-b'] as subnets,
    600 as keep_alive_period_s,
    ['File', 'FastFile', 'FSxLustre'][1 + key % 3] as input_mode,
    [
        {{
            'secondary_status': 'Starting',
            'started_at': to_timestamp(created_s),
            'ended_at': to_timestamp(started_s),
            'status_message': 'Preparing the instances for training'
        }},
        {{
            'secondary_status': 'Downloading',
            'started_at': to_timestamp(started_s),
            'ended_at': to_timestamp(trained_s),
            'status_message': 'Downloading the training image'
        }},
        {{
            'secondary_status': 'Training',
            'started_at': to_timestamp(trained_s),
            'ended_at': to_timestamp(ended_s),
            'status_message': 'Training image download completed.'
        }}
    ] as status_transitions,
    case when next_s - ended_s between 0 and 599 then 'Reused' else 'Terminated' end
        as warm_pool_status,
    case when next_s - ended_s between 0 and 599 then concat('job-', next_i) end
        as reused_by_job_name,
    case when next_s - ended_s between 0 and 599 then next_s - ended_s else 600 end as retained_s,
    concat('user-', key % 200) as user_name,
    1 as version_count
from timed
"""

_EVERY_250TH_POOL = """
    select max(job_id) from job_facts where pool_id % ({keys} // {changed}) = 7 group by pool_id
"""
_LARGEST_POOLS = """
    select max(job_id) from job_facts group by pool_id order by count(*) desc limit {changed}
"""


def measure(jobs: int) -> None:
    """Derive a store of `jobs` jobs, then what 40 changed ones touch."""
    with TemporaryDirectory() as folder:
        store = open_home(Home(Path(folder) / "home"), derivation=derive)
        with store.transaction() as cursor:
            records = _JOBS.format(jobs=jobs, keys=KEYS, start=START_S)
            cursor.execute(f"insert into training_jobs by name {records}")
            cursor.execute("insert into stale_jobs select job_id from training_jobs")
        with store.cursor() as cursor:
            sort = timed(
                lambda: cursor.execute(
                    """
                    create or replace temp table sorted as
                    select job_name, role_arn, volume_size_gib, created_at, training_ended_at
                    from training_jobs order by role_arn, volume_size_gib, created_at, job_name
                    """
                )
            )
            cursor.execute("drop table sorted")
        print(Row(f"{jobs:,} jobs: sorted once by key and time (DuckDB)", sort))
        everything = timed(lambda: derive(store))
        print(Row(f"{jobs:,} jobs: everything derived, in parts", everything, "sort", sort))
        print(f"{jobs:,} jobs: peak memory {peak_memory_gib():.1f} GiB (aim: below 4)")
        for name, pools in (("40 pools", _EVERY_250TH_POOL), ("the 40 largest", _LARGEST_POOLS)):
            changed = [_changed_s(store, pools) for _ in range(5)]
            recomputed = _count_of_pools(store, pools)
            aim = AIM if pools is _EVERY_250TH_POOL else ""
            row = f"one job changed in each of {name}: {recomputed:,} jobs"
            print(Row(row, sorted(changed)[2], "sort", sort, aim))
        store.close()


def _changed_s(store: Store, pools: str) -> float:
    """Change a job in each of some pools, and return how long it takes to derive, s."""
    with store.transaction() as cursor:
        cursor.execute(f"insert into stale_jobs {pools.format(keys=KEYS, changed=CHANGED)}")
        cursor.execute(
            """
            update training_jobs set training_ended_at = training_ended_at + interval 1 second
            where job_id in (from stale_jobs)
            """
        )
    return timed(lambda: derive(store))


def _count_of_pools(store: Store, pools: str) -> int:
    changed = pools.format(keys=KEYS, changed=CHANGED)
    return int(
        store.scalar(
            f"""
            select count(*) from job_facts
            where pool_id in (select pool_id from job_facts where job_id in ({changed}))
            """
        )
    )


if __name__ == "__main__":
    each_size(measure, SIZES)
