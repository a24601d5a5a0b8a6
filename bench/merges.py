"""Merges of pools: 1 million jobs over 10,000 keys that nearly agree, beside advice alone."""

import tempfile
import time
from pathlib import Path

import duckdb
from histories import START_S
from measuring import Row, each_size, peak_memory_gib, timed

from analytics.catalog import query_named
from analytics.derived.derive import derive
from analytics.keep_alive.advice import advise
from analytics.keep_alive.decide import Objective
from analytics.merging.merges import Merges, find_merges
from analytics.query import Filters, run_query
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest
from data.raw.inputs import input_files
from data.store.home import Home
from data.store.reader import Reader

SIZES = (1_000_000,)
KEYS, DAYS = 10_000, 365
WISHES = Objective(value_of_waiting_usd_per_h=60)
AIM = "aim: advised and merged below 60 s at 1 million"

# 25 clusters, each with 50 roles of 8 volumes: every two of 400 keys differ in one or two fields
_JOBS = """
select
    'job-' || i as job_name,
    to_timestamp(created_s) as created_at,
    to_timestamp(created_s + 60) as training_started_at,
    to_timestamp(created_s + 100) as first_training_at,
    to_timestamp(created_s + 100 + run_s) as training_ended_at,
    'Completed' as status,
    ['ml.g5.xlarge', 'ml.g5.2xlarge', 'ml.g5.4xlarge', 'ml.g5.8xlarge', 'ml.g5.12xlarge']
        [1 + key // 400 % 5] as instance_type,
    1 + key // 2000 as instance_count,
    'arn:aws:iam::123456789012:role/role-' || key % 50 as role_arn,
    (30 + 10 * (key // 50 % 8))::integer as volume_size_gib,
    'File' as input_mode,
    [0, 600, 1800][1 + key % 3] as keep_alive_period_s,
    'user-' || key % 200 as user_name
from (
    select
        i,
        least(floor(pow(random(), {skew}) * {keys})::integer, {keys} - 1) as key,
        {start} + floor(random() * {days} * 86400)::bigint as created_s,
        60 + floor(pow(random(), 2) * 7200)::bigint as run_s
    from range({jobs}) as t(i)
)
"""


def measure(jobs: int) -> None:
    """Import an export of `jobs` jobs, and time advice and merges."""
    for skew, name in ((1, "as many jobs a key"), (3, "a few keys have most jobs")):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "jobs.parquet"
            with duckdb.connect(config={"threads": 1}) as connection:
                connection.execute("select setseed(0.42)")
                connection.execute("set timezone = 'UTC'")
                sql = _JOBS.format(keys=KEYS, days=DAYS, jobs=jobs, start=START_S, skew=skew)
                connection.execute(f"copy ({sql}) to '{path}' (format parquet)")
            store = open_home(Home(Path(folder) / "home").create())
            (source,) = input_files(path)
            ingest(store, source)
            derive(store)
            _measure(Reader(store), f"{jobs:,} jobs, {name}")
            store.close()
    print(f"peak memory {peak_memory_gib():.1f} GiB")


def _measure(reader: Reader, name: str) -> None:
    began = time.process_time()
    fleet = timed(lambda: advise(reader, Filters(), WISHES, together=False))
    print(Row(f"{name}: advice on each key", fleet))
    print(f"{name}: advice takes {time.process_time() - began:.0f} s of processor time")
    found: list[Merges] = []

    def merge() -> None:
        found.append(find_merges(reader, Filters(), WISHES))

    began = time.process_time()
    seconds = timed(merge)
    print(Row(f"{name}: merges", seconds, "advice", fleet, AIM))
    print(f"{name}: merges take {time.process_time() - began:.0f} s of processor time")
    print(found[0].coverage.to_string(index=False))
    print(f"to make: {int(found[0].rows['is_chosen'].sum())} of {len(found[0].rows)} rows")
    quotas = timed(lambda: run_query(reader, query_named("quota_advice")))
    print(Row(f"{name}: quota advice, keep-alive advice included", quotas, "advice", fleet))


if __name__ == "__main__":
    each_size(measure, SIZES)
