"""What a sync of 5,000 jobs costs us from asking to what is derived, first and again.

The AWS that the tests play answers from a process of its own, as far away as AWS is. Processor
time is that of this process alone: asking, parsing, landing, checking, merging, deriving. The
server's is what it takes to answer, and stands for AWS, which takes longer.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import orjson
from measuring import Row, peak_memory_gib

from analytics.derived.derive import derive
from data.aws.sync import sync
from data.ingest.home_store import open_home
from data.store.home import Home

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
JOBS = 5000
FAST = "list_requests_per_s = 1e5\nother_requests_per_s = 1e5\n"
# as far away as AWS is
ANSWER_S = 0.1


def serve() -> None:
    """Play AWS until standard input ends; say first how to reach it, at last how long it took."""
    sys.path.insert(0, str(ROOT))
    from tests.aws_server.clock import Clock
    from tests.aws_server.history import AwsHistory
    from tests.aws_server.knobs import Knobs
    from tests.aws_server.server import AwsServer

    knobs = Knobs(delays={"*": ANSWER_S})
    with AwsServer(AwsHistory(Clock(NOW), jobs=JOBS), knobs=knobs) as aws:
        sys.stdout.buffer.write(orjson.dumps(aws.environment()) + b"\n")
        sys.stdout.flush()
        for _ in sys.stdin:
            told = {"busy_s": aws.busy_s, "requests": aws.requests.total()}
            sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
            sys.stdout.flush()


@contextmanager
def played_aws() -> Iterator["subprocess.Popen[bytes]"]:
    """Lead this process to an AWS that is played meanwhile."""
    command = [sys.executable, __file__, "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        os.environ.update(orjson.loads(server.stdout.readline()))
        yield server
        server.stdin.close()


def main() -> None:
    """Print what the first sync takes, and the next one."""
    with tempfile.TemporaryDirectory() as folder, played_aws() as server:
        home = Home(Path(folder) / "home").create()
        (home.root / "stoker.toml").write_text(FAST)
        with closing(open_home(home, derivation=derive)) as store:
            for name in ("first sync", "the same again"):
                began_s, cpu_began_s = time.perf_counter(), time.process_time()
                report = sync(store, sources=("batch", "jobs"), now=NOW)
                cpu_s = time.process_time() - cpu_began_s
                wall_s = time.perf_counter() - began_s
                assert not report.problems
                print(Row(f"{name}, wall time", wall_s))
                print(Row(f"{name}, processor time", cpu_s))
                print(
                    f"  {report.requests.total():,} requests, least {report.least_requests:,};"
                    f" {report.accepted.total():,} records new,"
                    f" {report.accepted.total() / wall_s:,.0f} a second"
                )
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(b"\n")
        server.stdin.flush()
        told = orjson.loads(server.stdout.readline())
        waited_s = told["requests"] * ANSWER_S
        print(Row("what the server took to answer, both", told["busy_s"] + waited_s))
        print(f"peak memory {peak_memory_gib():.1f} GiB")


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["serve"] else main()
