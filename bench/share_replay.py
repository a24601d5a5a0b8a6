"""The share replay: seconds by policy at 100,000 and 1 million jobs, and AccaSim beside it.

AccaSim 1.1.3 is no dependency of Stoker: it is installed into a passing environment for this run,
and skipped where that fails. `share_replay.py FILE.parquet` compares on a log with the columns
submit, run, procs_alloc (Standard Workload Format); without one, on a made-up busy history.
"""

import json
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
from measuring import Row, peak_memory_gib

from analytics.share_replay.replay import Replay, replay
from analytics.share_replay.requests import Floats, Int64s, Requests
from analytics.share_replay.scenario import CapacityStep, Scenario, Share

SHARES = 20
CAPACITY = 1000
SYSTEM = 128
POLICIES = ("fifo", "sjf", "easy", "fair_share", "quota")
ACCASIM = "accasim==1.1.3"


def made_requests(count: int, *, load: float, capacity: int, largest: int) -> Requests:
    """Return a made-up history: Poisson requests, exponential runs, sizes of powers of two."""
    chance = np.random.default_rng(1993)
    sizes = 2 ** np.arange(int(np.log2(largest)) + 1)
    size = chance.choice(sizes, count, p=1 / sizes / (1 / sizes).sum()).astype(float)
    run_s = np.ceil(chance.exponential(3600, count))
    mean_gap_s = (size * run_s).mean() / capacity / load
    created_s = np.floor(np.cumsum(chance.exponential(mean_gap_s, count)))
    return requests_of(
        created_s,
        run_s,
        size,
        share=chance.integers(0, SHARES, count),
        priority=chance.integers(0, 10, count),
    )


def requests_of(
    created_s: Floats, run_s: Floats, size: Floats, *, share: Int64s, priority: Int64s
) -> Requests:
    """Return jobs as a replay takes them; times are whole seconds, in order."""
    count = len(size)
    created_us = (created_s * 1e6).astype(np.int64)
    return Requests(
        job_name=np.arange(1, count + 1).astype(str).astype(object),
        share=share.astype(np.int64),
        share_names=tuple(f"share-{number:02d}" for number in range(SHARES)),
        created_us=created_us,
        eligible_us=created_us,
        run_us=(run_s * 1e6).astype(np.int64),
        size=size.astype(float),
        priority=priority.astype(np.int64),
        note=np.full(count, "", dtype=object),
        observed_wait_s=np.full(count, np.nan),
        observed_start_us=np.full(count, -1, dtype=np.int64),
        observed_end_us=np.full(count, -1, dtype=np.int64),
        retries=np.full(count, -1, dtype=np.int64),
        service_job_no=np.full(count, -1, dtype=np.int64),
    )


def log_requests(path: str) -> Requests:
    """Return a log in Standard Workload Format."""
    rows = duckdb.sql(
        f"select submit, run, procs_alloc from '{path}' order by submit, job"
    ).fetchnumpy()
    count = len(rows["run"])
    nothing = np.zeros(count, dtype=np.int64)
    return requests_of(
        rows["submit"], rows["run"], rows["procs_alloc"], share=nothing, priority=nothing
    )


def scenario_of(policy: str, capacity: int) -> Scenario:
    """Return the settings of a policy: 20 equal quotas that lend, borrow and preempt."""
    return Scenario(
        "fifo" if policy == "easy" else policy,
        (CapacityStep(None, capacity),),
        backfill="easy" if policy == "easy" else "none",
        shares=tuple(
            Share(
                f"share-{number:02d}",
                weight=1 + number % 5,
                quota=capacity / SHARES,
                has_in_share_preemption=True,
            )
            for number in range(SHARES)
        ),
    )


def one_core(work: Callable[[], object]) -> float:
    """Return the least processor time of three runs, in seconds: engines use one core."""
    seconds = []
    for _ in range(3):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return min(seconds)


def measure_speed(count: int, aim: str) -> None:
    """Print the processor seconds of each policy, after compilation."""
    requests = made_requests(count, load=0.95, capacity=CAPACITY, largest=32)
    few = made_requests(100, load=0.95, capacity=CAPACITY, largest=32)
    for policy in POLICIES:
        scenario = scenario_of(policy, CAPACITY)
        replay(few, scenario)
        found: list[Replay] = []
        seconds = one_core(lambda of=scenario, to=found: to.append(replay(requests, of)))
        preempted = int(found[0].preempted_count.sum())
        print(Row(f"{policy}, {count:,} jobs, {preempted:,} preemptions", seconds, aim=aim))


def compare(requests: Requests, name: str) -> None:
    """Print how many jobs start at the same second as in AccaSim, and the seconds of both."""
    with TemporaryDirectory() as text:
        folder = Path(text)
        python = folder / "environment" / "bin" / "python"
        venv.create(folder / "environment", with_pip=True)
        install = [python, "-m", "pip", "install", "--quiet", ACCASIM]
        if subprocess.run(install, check=False, stderr=subprocess.DEVNULL).returncode:
            print("AccaSim could not be installed: not compared")
            return
        workload = folder / "history.swf"
        columns = zip(
            requests.job_name, requests.created_us // 10**6, requests.run_us // 10**6,
            requests.size.astype(int), strict=True,
        )  # fmt: skip
        workload.write_text(
            "".join(
                f"{job} {created} -1 {run} {size} -1 -1 {size} {run} -1 1 1 1 1 1 1 -1 -1\n"
                for job, created, run, size in columns
            )
        )
        script = Path(__file__).parent / "accasim_run.py"
        for policy in ("fifo", "sjf", "easy"):
            command = [python, script, workload, policy, str(SYSTEM)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            theirs = json.loads((folder / f"{policy}.json").read_text())
            scenario = scenario_of(policy, SYSTEM)
            replay(requests, scenario)
            seconds = one_core(lambda of=scenario: replay(requests, of))
            ours = replay(requests, scenario)
            start_s = dict(zip(requests.job_name, ours.start_us // 10**6, strict=True))
            same = sum(start_s[job] == start for job, start in theirs["starts"].items())
            others = np.array([theirs["starts"].get(job, -1) for job in requests.job_name])
            waits = (others * 10**6 - requests.created_us)[others >= 0] / 1e6
            print(
                f"{name}, {policy}: {same:,} of {len(theirs['starts']):,} starts are equal"
                f" ({len(requests):,} jobs; mean wait {ours.wait_s.mean():,.1f} s,"
                f" AccaSim {waits.mean():,.1f} s, in {theirs['seconds']:.1f} s)"
            )
            print(Row(f"{name}, {policy}", seconds, "AccaSim", theirs["seconds"]))


def main() -> None:
    """Compare, then measure."""
    if len(sys.argv) > 1:
        compare(log_requests(sys.argv[1]), Path(sys.argv[1]).parent.name)
        return
    compare(made_requests(20_000, load=0.85, capacity=SYSTEM, largest=64), "made up")
    measure_speed(100_000, "1 s")
    measure_speed(1_000_000, "10 s")
    print(f"peak memory {peak_memory_gib():.1f} GiB")


if __name__ == "__main__":
    main()
