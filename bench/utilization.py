"""Utilization of 100 million samples beside DuckDB's own grouping of the same Parquet.

The baseline groups the samples by host, hour and metric, and reads no job: the questions do that
and join jobs, types and prices, cut samples to runs and leave out what cannot be. The page is
rendered on the same samples. An argument is another number of samples; a second one is the number
of further jobs without samples (1 million by default).
"""

import sys
import tempfile
from functools import partial
from pathlib import Path

import duckdb
from measuring import Row, peak_memory_gib, timed

from analytics.catalog import query_named
from analytics.derived.derive import derive
from analytics.query import Filters, run_query
from analytics.utilization.host_hours import load_host_hours, use_host_hours
from analytics.utilization.queries import IDLE_BELOW_RATIO
from data.ingest.home_store import open_home
from data.ingest.parts import Draft, commit_parts, draft_path, publish_part
from data.ingest.pipeline import ingest, input_files
from data.store.home import Home
from data.store.reader import Reader
from data.store.store import Store
from data.tables import TABLES
from pages.kit import cache
from pages.kit.catalog import page_named
from pages.kit.frame import view_of

SAMPLES = 100_000_000
OTHER_JOBS = 1_000_000
MINUTES, HOSTS, METRICS = 1000, 2, 5
JOB_SAMPLES = MINUTES * HOSTS * METRICS
PART_JOBS = 500
SAMPLES_TABLE = TABLES["metric_samples"]
COLUMNS = ("account_id", "region", "job_name", "host_name", "metric_name", "statistic_name",
           "period_s", "sampled_at", "metric_value", "import_id")  # fmt: skip

# a job has 1,000 minutes on two hosts of 4 GPUs; the others ran an hour, of which nothing is known
_JOBS = """
select
    concat('train-job-', job) as job_name,
    '123456789012' as account_id,
    'us-east-1' as region,
    to_timestamp(1772438400 + job % 2000 * 3600) as created_at,
    to_timestamp(1772438400 + job % 2000 * 3600 + 600) as training_started_at,
    to_timestamp(
        1772438400 + job % 2000 * 3600 + 600 + case when job < {sampled} then 60000 else 3600 end
    ) as training_ended_at,
    'Completed' as status,
    'ml.g5.12xlarge' as instance_type,
    2 as instance_count,
    concat('user-', job % 200) as user_name,
    concat('share-', job % 20) as share_name,
    'main' as queue_name
from range({jobs}) as jobs(job)
"""

_SAMPLES = """
select
    '123456789012' as account_id,
    'us-east-1' as region,
    concat('train-job-', job) as job_name,
    concat('train-job-', job, '/algo-', 1 + host) as host_name,
    ['GPUUtilization', 'CPUUtilization', 'GPUMemoryUtilization', 'MemoryUtilization',
     'DiskUtilization'][1 + metric] as metric_name,
    'Average' as statistic_name,
    60::bigint as period_s,
    to_timestamp(1772438400 + job % 2000 * 3600 + 600 + 60 * minute) as sampled_at,
    hash(job, host, metric, minute) % 10000 / 100.0 * [4, 48, 4, 1, 1][1 + metric] as metric_value,
    2::bigint as import_id
from range({first}, {last}) as jobs(job), range({hosts}) as hosts(host),
    range({metrics}) as metrics(metric), range({minutes}) as minutes(minute)
order by job, host, metric, minute
"""

_BASELINES = {
    "own grouping": """
        select host_name, epoch_us(sampled_at) // 3_600_000_000 as hour_no, metric_name,
            sum(metric_value) as value_sum, count(*) as sample_count
        from metric_samples group by all
    """,
    "grouping by date_trunc": """
        select host_name, date_trunc('hour', sampled_at) as hour_at, metric_name,
            sum(metric_value) as value_sum, count(*) as sample_count
        from metric_samples group by all
    """,
}
QUESTIONS = (
    ("utilization", {"by": "all"}),
    ("utilization", {"by": "share_name"}),
    ("utilization", {"by": "hour"}),
    ("gpu_waste", {"by": "share_name"}),
    ("gpu_waste", {"by": "hour"}),
    ("gpu_utilization_distribution", {}),
    ("idle_gpu_jobs", {}),
)


def main() -> None:
    """Print the baselines, one row a question, and the page."""
    sample_count = int(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES
    other_count = int(sys.argv[2]) if len(sys.argv) > 2 else OTHER_JOBS
    job_count = sample_count // JOB_SAMPLES
    with tempfile.TemporaryDirectory() as folder:
        store = _store(Path(folder), job_count, other_count)
        reader = Reader(store)
        count = reader.scalar("select count(*) from metric_samples")
        print(f"{count:,} samples of {job_count:,} jobs, {other_count:,} jobs without any")
        seconds = {
            name: timed(partial(_group, reader, sql), times=3) for name, sql in _BASELINES.items()
        }
        for name, taken in seconds.items():
            print(Row(f"baseline: {name}", taken))
        for question, given in QUESTIONS:
            taken = timed(partial(run_query, reader, query_named(question), **given), times=3)
            title = " ".join([question, *given.values()])
            print(Row(title, taken, "own grouping", seconds["own grouping"], "aim: within 2 x"))
        with reader.snapshot():
            _remembered(reader)
        _page(reader)
        print(f"peak memory {peak_memory_gib():.1f} GiB (aim: below 4)")
        store.close()


def _store(folder: Path, job_count: int, other_count: int) -> Store:
    store = open_home(Home(folder / "home").create(), derivation=derive)
    jobs = folder / "jobs.parquet"
    with duckdb.connect() as plain:
        rows = _JOBS.format(sampled=job_count, jobs=job_count + other_count)
        plain.execute(f"copy ({rows}) to '{jobs}' (format parquet)")
    for file in input_files(jobs):
        ingest(store, file)
    for first in range(0, job_count, PART_JOBS):
        last = min(job_count, first + PART_JOBS)
        rows = _SAMPLES.format(
            first=first, last=last, hosts=HOSTS, metrics=METRICS, minutes=MINUTES
        )
        with store.transaction() as cursor:
            path = draft_path(store.home, SAMPLES_TABLE)
            cursor.execute(f"copy ({rows}) to '{path}' (format parquet)")
            draft = Draft(path, COLUMNS)
            part = publish_part(cursor, store.home, SAMPLES_TABLE, "sampled_at", draft)
            if part:
                commit_parts(cursor, store.home, SAMPLES_TABLE, added=[part])
            store.publish(cursor)
    return store


def _group(reader: Reader, sql: str) -> None:
    reader.frame(f"select count(*) from ({sql})")


def _remembered(reader: Reader) -> None:
    """Print what going through the samples once takes, and each question after that."""
    jobs = Filters()
    found = []
    taken = timed(lambda: found.append(load_host_hours(reader, jobs, IDLE_BELOW_RATIO)))
    size_mb = found[0].rows.memory_usage(deep=True).sum() / 1e6
    print(Row(f"host hours, {len(found[0].rows):,} rows, {size_mb:,.0f} MB", taken))
    with use_host_hours(found[0]):
        for question, given in QUESTIONS:
            taken = timed(partial(run_query, reader, query_named(question), **given), times=3)
            print(Row(" ".join(["then", question, *given.values()]), taken))


def _page(reader: Reader) -> None:
    entry = page_named("utilization")
    cache.forget()
    print(Row("page, nothing remembered", timed(lambda: view_of(entry, reader))))
    print(Row("page, again", timed(lambda: view_of(entry, reader), times=3), aim="aim: below 1 s"))


if __name__ == "__main__":
    main()
