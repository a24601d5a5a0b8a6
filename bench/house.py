"""The house from outside: what someone who types `stoker` commands waits for.

It calls the command line and nothing else, so that one script measures any version beside another:
    python bench/house.py --stoker OTHER/.venv/bin/stoker --only reads,files,touched,start
"""

import argparse
import json
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from measuring import Row

LONGEST_COMMAND_S = 600
LONGEST_WARM_UP_S = 120
MOST_ANSWERS = 2000
QUIET_S = 3.0
START_AT = datetime(2026, 1, 1, tzinfo=UTC)

# a pool has a job an hour; some jobs find the cluster of the one before, and so start sooner
_EXPORT = """
with runs as (
    select
        i % {keys} as key,
        {first_turn} + i // {keys} as turn,
        epoch_us(timestamptz '{start_at}') // 1000000 + turn * 3600 + key % 3600 as created_s,
        2400 + (hash(key, turn) % 1200)::integer as end_s,
        turn > 0 and 2400 + (hash(key, turn - 1) % 1200)::integer >= 3000 as is_warm,
        (hash(turn, key) % 60)::integer as spread_s,
        case when is_warm then 30 + spread_s else 180 + 2 * spread_s end as startup_latency_s,
        case when is_warm then 10 + spread_s // 6 else 60 + spread_s // 2 end as download_s
    from range({jobs}) as numbers(i)
)
select
    concat('job-', key, '-', turn) as job_name,
    ['us-east-1', 'us-west-2'][1 + key % 2] as region,
    to_timestamp(created_s) as created_at,
    to_timestamp(created_s + startup_latency_s - download_s) as training_started_at,
    to_timestamp(created_s + startup_latency_s) as first_training_at,
    to_timestamp(created_s + end_s) as training_ended_at,
    to_timestamp(created_s + end_s) as last_modified_at,
    'Completed' as status,
    ['ml.g5.2xlarge', 'ml.g5.xlarge', 'ml.m5.xlarge'][1 + key % 3] as instance_type,
    1 + key % 4 as instance_count,
    ['File', 'FastFile'][1 + key % 2] as input_mode,
    600 as keep_alive_period_s,
    least(600, 3600 - end_s) as retained_s,
    concat('key-', key) as pool_key,
    concat('user-', key % 50) as user_name,
    startup_latency_s,
    download_s
from runs
order by created_s, key
"""


@dataclass(frozen=True, slots=True)
class Stoker:
    """A `stoker` executable, and the home that its commands work on."""

    executable: Path
    home: Path

    def line(self, *arguments: str | Path) -> list[str]:
        """Return a whole command line."""
        return [str(self.executable), *map(str, arguments)]

    def tried(self, *arguments: str | Path) -> tuple[float, str | None]:
        """Run a command; return its seconds, and what it said if it failed."""
        # the home by the environment: --help and its like take no --home
        environment = {**os.environ, "STOKER_HOME": str(self.home)}
        began = time.perf_counter()
        try:
            done = subprocess.run(
                self.line(*arguments),
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=LONGEST_COMMAND_S,
            )
        except subprocess.TimeoutExpired:
            return time.perf_counter() - began, f"no end within {LONGEST_COMMAND_S} s"
        seconds = time.perf_counter() - began
        failure = f"status {done.returncode}: {done.stderr.strip()[-500:]}"
        return seconds, failure if done.returncode else None

    def run(self, *arguments: str | Path) -> float:
        """Run a command that has to succeed; return its seconds."""
        seconds, failure = self.tried(*arguments)
        if failure is not None:
            command = " ".join(map(str, arguments[:3]))
            raise SystemExit(f"stoker {command} failed with {failure}")
        return seconds

    def processor_s(self, *arguments: str | Path) -> float:
        """Run a command that has to succeed; return its processor time, user and system."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.run(*arguments)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def reads(executable: Path, folder: Path) -> None:
    """Ask a running dashboard, first with nothing else to do, then while it takes a file in."""
    stoker = Stoker(executable, folder / "home")
    small, big = folder / "small.csv", folder / "big.csv"
    write_export(small, jobs=20_000, keys=200)
    write_export(big, jobs=300_000, keys=200, first_turn=100)
    stoker.run("ingest", small)
    stoker.run("ask", "costs")
    with serving(stoker) as server:
        stoker.run("ask", "costs")
        wait_until_warm(server)
        idle = sorted(stoker.run("ask", "costs") for _ in range(9))
        show(Row("costs asked of an idle dashboard: median of 9", idle[4]))
        show(Row("costs asked of an idle dashboard: worst", idle[-1], "median", idle[4]))
        answers = []
        with ThreadPoolExecutor(1) as background:
            importing = background.submit(stoker.run, "ingest", big)
            deadline = time.monotonic() + LONGEST_COMMAND_S
            while not importing.done() and time.monotonic() < deadline:
                answers.append(stoker.tried("ask", "costs"))
                if len(answers) == MOST_ANSWERS:
                    break
            import_s = importing.result()
        # a version that derives at the ask makes one of these wait, during the import or after it
        after_s = stoker.run("ask", "costs")
    seconds = [answer_s for answer_s, _ in answers]
    failures = [failure for _, failure in answers if failure]
    worst_aim = f"aim: below {6 * idle[4] + 1:.2f} s (6 x + 1 s)"
    show(Row("costs asked during an import: median", statistics.median(seconds),
             "idle", idle[4], "aim: within 4 x"))  # fmt: skip
    worst_s = max(*seconds, after_s)
    show(Row("costs asked during or just after it: worst", worst_s, "idle", idle[4], worst_aim))
    # an answer that blocks for half of the import is still only one of many in the median
    slow_share = sum(one_s for one_s in seconds if one_s > 4 * idle[4]) / sum(seconds)
    show(f"asked {len(answers)} times during it, {len(failures)} failures (aim: none);"
         f" {slow_share:.0%} of that time went into answers above 4 x idle")  # fmt: skip
    show(Row("the import of 300,000 rows meanwhile", import_s))
    show(Row("costs asked first after it", after_s, "idle", idle[4]))
    for failure in failures[:1]:
        show(f"the first failure: {failure}")


def files(executable: Path, folder: Path, *, count: int = 200) -> None:
    """Take records in from a file each, and the same records from one file."""
    lines = [json.dumps(described(number)) for number in range(count)]
    one_json, many_json = folder / "one.jsonl", folder / "many-json"
    one_csv, many_csv = folder / "one.csv", folder / "many-csv"
    one_json.write_text("\n".join(lines), encoding="utf-8")
    write_each(many_json, [f"{line}\n" for line in lines], ".json")
    write_export(one_csv, jobs=count, keys=20)
    header, *rows = one_csv.read_text(encoding="utf-8").splitlines()
    write_each(many_csv, [f"{header}\n{row}\n" for row in rows], ".csv")

    def into_fresh_home(*given: Path) -> float:
        with TemporaryDirectory(dir=folder) as home:
            return Stoker(executable, Path(home)).run("ingest", *given)

    into_fresh_home(one_json)  # has what is compiled at a first call compiled
    aim = "aim: within 5 x"
    json_s = median_of(5, lambda: into_fresh_home(one_json))
    csv_s = median_of(5, lambda: into_fresh_home(one_csv))
    show(Row(f"{count} records in one JSON lines file", json_s))
    many_s = into_fresh_home(many_json)
    show(Row(f"{count} JSON files in a folder", many_s, "one file", json_s, aim))
    given_s = into_fresh_home(*sorted(many_json.iterdir()))
    show(Row(f"{count} JSON files as arguments", given_s, "one file", json_s, aim))
    show(Row(f"{count} records in one CSV file", csv_s))
    many_s = into_fresh_home(many_csv)
    show(Row(f"{count} CSV files in a folder", many_s, "one file", csv_s, aim))


def touched(executable: Path, folder: Path, *, jobs: int = 1_000_000, keys: int = 10_000) -> None:
    """Import 40 changed jobs of a large store, each of another pool, and ask."""
    stoker = Stoker(executable, folder / "home")
    export = folder / "jobs.parquet"
    write_export(export, jobs=jobs, keys=keys)
    # which of the two derives is the version's own affair, so only their sum compares
    made_s = stoker.run("ingest", export) + stoker.run("ask", "costs")
    show(Row(f"{jobs:,} jobs imported and first asked", made_s))
    costs_s = median_of(5, lambda: stoker.run("ask", "costs"))
    coverage_s = median_of(5, lambda: stoker.run("ask", "coverage"))
    taken_s, asked_s, again_s = [], [], []
    for turn in (30, 50, 70):
        changed = folder / f"changed-{turn}.csv"
        write_changed(changed, export, turn=turn, keys=range(turn, keys, keys // 40))
        taken_s.append(stoker.run("ingest", changed))
        asked_s.append(stoker.run("ask", "costs"))
        again_s.append(stoker.run("ingest", changed))
    both_s = [taken + asked for taken, asked in zip(taken_s, asked_s, strict=True)]
    show(Row("costs asked, nothing changed", costs_s))
    show(Row("coverage asked: a start and little else", coverage_s))
    show(Row("a known file imported, which changes nothing", statistics.median(again_s)))
    show(Row("40 changed jobs imported: median of 3", statistics.median(taken_s)))
    show(Row("costs asked after that: median of 3", statistics.median(asked_s)))
    both = statistics.median(both_s)
    show(Row("the two together: median of 3", both))
    show(Row("merge and derive: the two less costs and coverage", both - costs_s - coverage_s,
             aim="aim: below 1 s"))  # fmt: skip
    # a command that derives loads more code than one that only merges: this one counts that too
    show(Row("the same less costs and a known file",
             both - costs_s - statistics.median(again_s)))  # fmt: skip
    show(Row("the same of the slowest of 3, less costs and coverage",
             max(both_s) - costs_s - coverage_s))  # fmt: skip


def start(executable: Path, folder: Path) -> None:
    """Take the processor time of commands that need no job."""
    stoker = Stoker(executable, folder / "home")
    commands: dict[tuple[str, ...], str] = {
        ("ask",): "aim: below 0.4 s",
        ("ask", "costs", "--columns"): "",
        ("--help",): "",
        ("ask", "--help"): "",
        ("--version",): "",
    }
    for command, aim in commands.items():
        stoker.run(*command)  # has its modules compiled
        seconds = median_of(5, lambda command=command: stoker.processor_s(*command))
        show(Row(f"stoker {' '.join(command)}: processor time", seconds, aim=aim))


PARTS: dict[str, Callable[[Path, Path], None]] = {
    "start": start,
    "files": files,
    "reads": reads,
    "touched": touched,
}


def show(row: object) -> None:
    """Print a row at once, also into a file."""
    print(row, flush=True)


def median_of(times: int, measure: Callable[[], float]) -> float:
    """Return the median of several measurements."""
    return statistics.median(measure() for _ in range(times))


@contextmanager
def serving(stoker: Stoker) -> Iterator[subprocess.Popen[bytes]]:
    """Run a dashboard in a session of its own, and stop all of it in any case."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = stoker.line("serve", "--home", stoker.home, "--no-browser", "--port", str(port))
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(line, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        _wait_until_listening(server, port)
        yield server
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(15)
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait_until_listening(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + LONGEST_WARM_UP_S
    while server.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("stoker serve does not listen")


def wait_until_warm(server: subprocess.Popen[bytes]) -> None:
    """Wait until the dashboard rests: after its start it prepares first answers."""
    deadline = time.monotonic() + LONGEST_WARM_UP_S
    used_s = _session_processor_s(server.pid)
    while time.monotonic() < deadline:
        time.sleep(QUIET_S)
        before_s, used_s = used_s, _session_processor_s(server.pid)
        if used_s == before_s:
            return
    raise SystemExit("stoker serve does not come to rest")


def _session_processor_s(session: int) -> int:
    """Return the processor time of all processes of a session, in whole seconds."""
    listed = subprocess.run(
        ["ps", "-s", str(session), "-o", "cputimes="], capture_output=True, text=True, check=True
    )
    return sum(map(int, listed.stdout.split()))


def write_export(path: Path, *, jobs: int, keys: int, first_turn: int = 0) -> None:
    """Write an export with canonical column names, CSV or Parquet by the name of the file."""
    query = _EXPORT.format(jobs=jobs, keys=keys, first_turn=first_turn, start_at=START_AT)
    _copy(query, path)


def write_changed(path: Path, export: Path, *, turn: int, keys: Sequence[int]) -> None:
    """Write the jobs of one turn of these keys anew: they ended later than first told."""
    names = ", ".join(f"'job-{key}-{turn}'" for key in keys)
    _copy(
        f"""
        select * replace (
            training_ended_at + interval 45 seconds as training_ended_at,
            last_modified_at + interval 1 day as last_modified_at
        )
        from '{export}' where job_name in ({names})
        """,
        path,
    )


def _copy(query: str, path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"copy ({query}) to '{path}' (format {path.suffix[1:]})")


def write_each(folder: Path, texts: list[str], suffix: str) -> None:
    """Write a file each."""
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number:04d}{suffix}").write_text(text, encoding="utf-8")


def described(number: int) -> dict[str, object]:
    """Return an answer of describe-training-job."""
    name = f"job-{number}"
    created_at = START_AT + timedelta(minutes=10 * number)
    started_at, trained_at, ended_at = (
        created_at + timedelta(seconds=later) for later in (90, 150, 2400)
    )
    visits = (
        ("Starting", created_at, started_at),
        ("Downloading", started_at, trained_at),
        ("Training", trained_at, ended_at),
        ("Completed", ended_at, ended_at),
    )
    return {
        "TrainingJobName": name,
        "TrainingJobArn": f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{name}",
        "TrainingJobStatus": "Completed",
        "SecondaryStatus": "Completed",
        "HyperParameters": {"epochs": "10"},
        "AlgorithmSpecification": {
            "TrainingImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/image:1",
            "TrainingInputMode": "File",
        },
        "RoleArn": f"arn:aws:iam::123456789012:role/role-{number % 20}",
        "ResourceConfig": {
            "InstanceType": "ml.g5.2xlarge",
            "InstanceCount": 1,
            "VolumeSizeInGB": 30,
            "KeepAlivePeriodInSeconds": 600,
        },
        "CreationTime": created_at.isoformat(),
        "TrainingStartTime": started_at.isoformat(),
        "TrainingEndTime": ended_at.isoformat(),
        "LastModifiedTime": ended_at.isoformat(),
        "SecondaryStatusTransitions": [
            {"Status": status, "StartTime": since.isoformat(), "EndTime": until.isoformat()}
            for status, since, until in visits
        ],
        "TrainingTimeInSeconds": 2310,
        "BillableTimeInSeconds": 2310,
    }


def main() -> None:
    """Measure the parts that were asked for, each in a folder of its own."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--stoker", type=Path, default=Path(sys.executable).with_name("stoker"))
    arguments.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    given = arguments.parse_args()
    chosen = given.only.split(",")
    if unknown := set(chosen) - set(PARTS):
        arguments.error(
            f"there is no part {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}"
        )
    for name in chosen:
        show(f"-- {name} (load of the machine {os.getloadavg()[0]:.1f})")
        with TemporaryDirectory(prefix="stoker-bench-") as folder:
            PARTS[name](given.stoker.absolute(), Path(folder))


if __name__ == "__main__":
    main()
