"""A sync of 5,000 jobs, without deriving, beside the answers alone; under readers; after 50 kills.

The AWS that the tests play answers from a process of its own, quickly, so that ours is what counts.
"""

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import orjson
from measuring import Row, peak_memory_gib

from data.aws.accounts import Account, session
from data.aws.calls import Calls
from data.aws.sync import SyncReport, sync
from data.ingest.home_store import open_home
from data.store.home import Home
from data.store.store import Store

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
JOBS, KILLS = 5000, 50
# what AWS may need for an answer
ANSWER_S = 0.03
SOURCES = ("batch", "jobs")
FAST = "list_requests_per_s = 1e4\nother_requests_per_s = 1e4\n"


def serve() -> None:
    """Play AWS until standard input ends; say first how to reach it."""
    sys.path.insert(0, str(ROOT))
    from tests.aws_server.clock import Clock
    from tests.aws_server.history import AwsHistory
    from tests.aws_server.knobs import Knobs
    from tests.aws_server.server import AwsServer

    with AwsServer(AwsHistory(Clock(NOW), jobs=JOBS), knobs=Knobs(delays={"*": ANSWER_S})) as aws:
        sys.stdout.buffer.write(orjson.dumps(aws.environment()) + b"\n")
        sys.stdout.flush()
        sys.stdin.read()


def sync_once(folder: str) -> None:
    """Synchronise a home; print processor and wall seconds."""
    store = new_store(Path(folder))
    began_s, cpu_s = time.perf_counter(), time.process_time()
    read(store)
    print(time.perf_counter() - began_s, time.process_time() - cpu_s, flush=True)
    store.close()


@contextmanager
def played_aws() -> Iterator[None]:
    """Lead this process to an AWS that is played meanwhile."""
    command = [sys.executable, __file__, "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin
        assert server.stdout
        os.environ.update(orjson.loads(server.stdout.readline()))
        yield
        server.stdin.close()


def new_store(folder: Path) -> Store:
    """Open a home that asks as fast as it is answered."""
    home = Home(folder).create()
    (home.root / "stoker.toml").write_text(
        "list_requests_per_s = 1e4\nother_requests_per_s = 1e4\n"
    )
    return open_home(home)


def read(store: Store) -> SyncReport:
    """Synchronise jobs and queues."""
    report = sync(store, sources=SOURCES, now=NOW)
    assert report.problems == [], report.problems
    return report


def facts(store: Store) -> list[tuple[object, ...]]:
    """Return what must not depend on kills."""
    with store.cursor() as cursor:
        return cursor.execute(
            """
            select 'training', job_name, status, warm_pool_status, retained_s::varchar
            from training_jobs
            union all
            select 'service', service_job_id, status, queue_name, len(attempts)::varchar
            from service_jobs order by all
            """
        ).fetchall()


def answers_alone() -> float:
    """Return how long the server takes for the same requests, when their answers are dropped."""
    account = Account("bench", account_id="123456789012")
    calls = Calls(account, session(account), "us-east-1", list_per_s=1e4, other_per_s=1e4)
    began = time.perf_counter()
    parameters = {"Resource": "TrainingJob", "SortBy": "LastModifiedTime", "MaxResults": 100}
    for _ in calls.pages("sagemaker", "Search", **parameters):
        pass
    ids = [
        job["jobId"]
        for queue in calls.call("batch", "DescribeJobQueues")["jobQueues"]
        if queue["jobQueueType"] == "SAGEMAKER_TRAINING"
        for page in calls.pages(
            "batch",
            "ListServiceJobs",
            jobQueue=queue["jobQueueArn"],
            filters=[{"name": "AFTER_CREATED_AT", "values": ["0"]}],
        )
        for job in page["jobSummaryList"]
    ]
    for _ in calls.at_once(lambda one: calls.call("batch", "DescribeServiceJob", jobId=one), ids):
        pass
    return time.perf_counter() - began


def latencies(store: Store, until: threading.Event | None) -> list[float]:
    """Return the seconds of a reader's question, asked again and again."""
    found = []
    while len(found) < 40 if until is None else not until.is_set():
        began = time.perf_counter()
        with store.cursor() as cursor:
            cursor.execute("select status, count(*), sum(retained_s) from training_jobs group by 1")
            cursor.fetchall()
        found.append(time.perf_counter() - began)
        time.sleep(0.02)
    return sorted(found)


def main() -> None:
    """Print what a sync takes, first and again, under readers, and after kills."""
    with tempfile.TemporaryDirectory() as folder, played_aws():
        alone_s = answers_alone()
        alone_s = answers_alone()  # the server remembers what it has checked
        store = new_store(Path(folder) / "whole")
        began_s, cpu_s = time.perf_counter(), time.process_time()
        report = read(store)
        wall_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
        print(
            f"{JOBS:,} training jobs and their service jobs: {report.requests.total():,} requests,"
            f" least {report.least_requests:,}; {JOBS / wall_s:,.0f} jobs a second, the server"
            f" alone {JOBS / alone_s:,.0f}"
        )
        print(Row("sync, wall", wall_s, "answers alone", alone_s, "aim: under 2 x"))
        print(Row("sync, own processor time", cpu_s, "answers alone", alone_s, "aim: under 1 x"))
        began_s = time.perf_counter()
        again = read(store)
        print(Row(f"again: {again.requests.total()} requests", time.perf_counter() - began_s))
        quiet = latencies(store, None)
        measure_readers(Path(folder) / "readers", quiet)
        expected = facts(store)
        store.close()
        kill(Path(folder) / "killed", wall_s, expected)
        print(f"peak memory {peak_memory_gib():.1f} GiB")


def measure_readers(folder: Path, quiet: list[float]) -> None:
    """Print how long a question takes while a sync of the same store runs."""
    store = new_store(folder)
    ended = threading.Event()

    def work() -> None:
        read(store)
        ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    busy = latencies(store, ended)
    thread.join()
    store.close()
    for name, share in (("median", 0.5), ("p95", 0.95)):
        least, most = quiet[int(len(quiet) * share)], busy[int(len(busy) * share)]
        print(Row(f"a question while it runs, {name}", most, "without", least))


def kill(folder: Path, duration_s: float, expected: list[tuple[object, ...]]) -> None:
    """Kill syncs of one home at random moments, again and again; compare what is there then."""
    moments, killed_count, began_s = random.Random(7), 0, time.perf_counter()
    number = 0
    while killed_count < KILLS:
        home = folder / str(number)
        number += 1
        for _ in range(5):
            process = subprocess.Popen(
                [sys.executable, __file__, "once", str(home)], stdout=subprocess.PIPE
            )
            try:
                process.wait(3 + duration_s * moments.uniform(0.0, 0.5))
            except subprocess.TimeoutExpired:
                process.kill()
                killed_count += 1
            process.communicate()
        store = new_store(home)
        read(store)
        assert facts(store) == expected, "a kill has lost or doubled something"
        store.close()
    print(Row(f"{killed_count} kills of {number} homes: all as undisturbed",
              time.perf_counter() - began_s))  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    elif sys.argv[1:2] == ["once"]:
        sync_once(sys.argv[2])
    else:
        main()
