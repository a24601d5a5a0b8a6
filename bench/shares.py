"""Shares of 1 million jobs: deriving their hours, and every question that the page asks.

Ten queues of twenty shares with quotas, a year of jobs. Seconds are processor time of all threads.
The baseline is DuckDB's own sum of the events of a queue, in order of time. Arguments: another
number of jobs; the part of them (0 to 1) that brings a mean GPU utilization.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb
from measuring import Row, peak_memory_gib

from analytics.catalog import query_named
from analytics.derived.derive import derive
from analytics.derived.shares import write_share_hours
from analytics.derived.workspace import Workspace
from analytics.query import Filters, run_query
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest
from data.raw.inputs import input_files, uploaded
from data.store.home import Home
from data.store.reader import Reader
from data.store.store import Store
from pages.kit import cache
from pages.kit.catalog import page_named
from pages.kit.frame import view_of

JOBS = 1_000_000
QUEUES, SHARES, QUOTA = 10, 20, 12
START_S, YEAR_S = 1_735_689_600, 365 * 86_400

_JOBS = """
select
    concat('job-', job) as job_name,
    '123456789012' as account_id,
    'us-east-1' as region,
    concat('queue-', hash(job, 1) % {queues}) as queue_name,
    concat('share-', lpad((hash(job, 2) % {shares})::varchar, 2, '0')) as share_name,
    (hash(job, 3) % 5 * 10)::bigint as scheduling_priority,
    to_timestamp(created_s) as created_at,
    to_timestamp(created_s + wait_s) as scheduled_at,
    to_timestamp(created_s + wait_s + 120) as training_started_at,
    to_timestamp(created_s + wait_s + 120 + run_s) as training_ended_at,
    case hash(job, 5) % 20 when 0 then 'Failed' else 'Completed' end as status,
    ['ml.g5.12xlarge', 'ml.p4d.24xlarge', 'ml.g5.2xlarge'][1 + (hash(job, 6) % 3)::bigint]
        as instance_type,
    1 + (hash(job, 7) % 4)::bigint as instance_count,
    concat('user-', hash(job, 8) % 200) as user_name,
    case when hash(job, 9) % 1000 < 1000 * {measured} then hash(job, 10) % 100 / 100.0 end
        as gpu_utilization_ratio
from (
    select
        job,
        {start} + (hash(job, 11) % {year})::bigint as created_s,
        (hash(job, 12) % 3600)::bigint as wait_s,
        60 + (hash(job, 13) % 14400)::bigint as run_s
    from range({jobs}) as jobs(job)
)
"""

_BASELINE = """
select count(level) from (
    select sum(step) over (partition by queue_name order by moment) as level
    from (
        select queue_name, started_at as moment, instance_count as step from queue_jobs
        union all
        select queue_name, ended_at, -instance_count from queue_jobs
    )
)
"""
QUESTIONS: tuple[tuple[str, dict[str, str]], ...] = (
    ("queue_usage", {"step": "all"}),
    ("share_usage", {"step": "all"}),
    ("share_usage", {"step": "hour"}),
    ("share_waits", {"by": "share"}),
    ("share_costs", {}),
    ("share_peaks", {}),
    ("alerts", {"crossed": "only"}),
    ("queue_now", {"queue_name": "queue-0"}),
)


def main() -> None:
    """Print the derivation, one row a question, and the page."""
    job_count = int(sys.argv[1]) if len(sys.argv) > 1 else JOBS
    measured = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    with tempfile.TemporaryDirectory() as folder:
        store = made_store(Path(folder), job_count, measured)
        reader = Reader(store)
        baseline = used(partial(reader.frame, _BASELINE), times=3)
        print(Row(f"{job_count:,} jobs: events in order, summed by queue", baseline))
        with store.transaction() as cursor:
            taken = used(partial(rewritten, Workspace(cursor)), times=3)
        print(Row("share_hours, all queues", taken, "baseline", baseline, "aim: below 1 s"))
        for question, given in QUESTIONS:
            answer = partial(run_query, reader, query_named(question), Filters(), **given)
            taken = used(answer, times=3)
            print(Row(" ".join([question, *given.values()]), taken, "baseline", baseline))
        entry = page_named("shares")
        view_of(entry, reader)
        cache.forget()
        cold = used(partial(view_of, entry, reader))
        print(Row("page, nothing remembered", cold, "baseline", baseline, "aim: below 1 s"))
        again = used(partial(view_of, entry, reader), times=3)
        print(Row("page, again", again, "baseline", baseline))
        print(f"peak memory {peak_memory_gib():.1f} GiB")
        store.close()


def made_store(folder: Path, jobs: int, measured: float) -> Store:
    """Return a store of so many jobs, with a quota for every share."""
    store = open_home(Home(folder / "home").create(), derivation=derive)
    path = folder / "jobs.parquet"
    words = {"jobs": jobs, "queues": QUEUES, "shares": SHARES, "measured": measured}
    with duckdb.connect() as plain:
        rows = _JOBS.format(**words, start=START_S, year=YEAR_S)
        plain.execute(f"copy ({rows}) to '{path}' (format parquet)")
    lines = [f"queue-{queue},share-{share:02d},{QUOTA}"
             for queue in range(QUEUES) for share in range(SHARES)]  # fmt: skip
    quotas = "\n".join(["queue_name,share_name,capacity", *lines, ""])
    ingest(store, uploaded("capacity.csv", quotas.encode()), kind="capacity")
    for file in input_files(path):
        ingest(store, file)
    return store


def rewritten(work: Workspace) -> None:
    """Derive the hours of every queue again."""
    work.cursor.execute(f"delete from {work.tables['share_hours']}")
    write_share_hours(work)


def used(work: Callable[[], object], *, times: int = 1) -> float:
    """Return the least processor time of `work`, of all threads, in seconds."""
    seconds = []
    for _ in range(times):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return min(seconds)


if __name__ == "__main__":
    main()
