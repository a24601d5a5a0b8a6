"""3.5 million metric samples from the AWS that the tests play, in its own process: what we add.

Processor time is that of this process alone: asking, parsing, landing, checking and merging.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import orjson
from measuring import Row, peak_memory_gib

from data.aws import cloudwatch
from data.aws.accounts import Account, session
from data.aws.calls import Calls
from data.aws.pages import Page, json_lines
from data.ingest.home_store import open_home
from data.ingest.pipeline import InputFile, ingest_files
from data.raw.inputs import uploaded
from data.store.home import Home
from data.store.reader import Reader

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
JOBS, DAYS = 2500, 14.0


def serve() -> None:
    """Play AWS until standard input ends; say first how to reach it, and which jobs there are."""
    sys.path.insert(0, str(ROOT))
    from tests.aws_server.clock import Clock
    from tests.aws_server.history import AwsHistory
    from tests.aws_server.server import AwsServer

    history = AwsHistory(Clock(NOW), jobs=JOBS, days=DAYS)
    jobs = [job.described(NOW.timestamp()) for job in history.created_jobs(NOW.timestamp())]
    with AwsServer(history) as aws:
        told = {"environment": aws.environment(), "jobs": jobs}
        sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
        sys.stdout.flush()
        sys.stdin.read()


@contextmanager
def played_aws() -> Iterator[list[dict[str, object]]]:
    """Give the jobs of an AWS that is played meanwhile."""
    command = [sys.executable, __file__, "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin
        assert server.stdout
        told = orjson.loads(server.stdout.readline())
        os.environ.update(told["environment"])
        yield told["jobs"]
        server.stdin.close()


def main() -> None:
    """Print what the samples take, and what a million of them do."""
    with tempfile.TemporaryDirectory() as folder, played_aws() as jobs:
        store = open_home(Home(Path(folder) / "home").create())
        take([Page("jobs", "jobs.jsonl", json_lines(jobs))], store)
        account = Account("bench", account_id="123456789012")
        calls = Calls(account, session(account), "us-east-1", list_per_s=1e4, other_per_s=1e4)
        began_s, cpu_began_s = time.perf_counter(), time.process_time()
        planned = cloudwatch.plan(Reader(store), calls.account_id, calls.region, now=NOW)
        planned_s = time.process_time() - cpu_began_s
        take(cloudwatch.fetch(calls, planned, clock=lambda: NOW), store)
        cpu_s = time.process_time() - cpu_began_s
        wall_s = time.perf_counter() - began_s
        count = store.scalar("select count(*) from metric_samples")
        store.close()
        print(
            f"{count:,} samples, {len(planned.jobs):,} jobs, {planned.metric_count:,} metrics,"
            f" {sum(calls.requests.values()):,} requests, USD {planned.cost_usd:.2f}"
        )
        print(Row("plan, processor time", planned_s))
        print(Row("plan, ask, land and merge, processor time", cpu_s))
        print(Row("the same, a million samples", cpu_s * 1e6 / count, aim="aim: under 10 s"))
        print(Row("wall time with the server's answers", wall_s))
        print(f"{count / cpu_s:,.0f} samples a second; peak memory {peak_memory_gib():.1f} GiB")


def take(pages: Iterable[Page], store: object) -> None:
    """Land and merge pages."""
    files: Iterator[InputFile] = (uploaded(page.name, page.content) for page in pages)
    for outcome in ingest_files(store, files):  # type: ignore[arg-type]
        assert not hasattr(outcome, "error"), outcome


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["serve"] else main()
