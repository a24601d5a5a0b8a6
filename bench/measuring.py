"""Timing and reporting that the benchmarks share: seconds, ratio to a baseline, peak memory."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One measured step, beside the plain cost of reading or sorting the same data."""

    name: str
    seconds: float
    baseline: str = ""
    baseline_seconds: float | None = None
    aim: str = ""

    def __str__(self) -> str:
        ratio = ""
        if self.baseline_seconds:
            ratio = f"{self.seconds / self.baseline_seconds:5.1f} x {self.baseline}"
        return f"{self.name:<52} {self.seconds:8.2f} s  {ratio:<38} {self.aim}"


def timed(work: Callable[[], object], *, times: int = 1) -> float:
    """Return the median wall time of `work`, in seconds."""
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return sorted(seconds)[len(seconds) // 2]


def peak_memory_gib() -> float:
    """Return the most memory that this process has held, GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def each_size(measure: Callable[[int], None], sizes: Iterable[int]) -> None:
    """Measure the size on the command line; without one, each in its own process with 2 GB."""
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
        return
    for size in sizes:
        in_own_process(sys.argv[0], str(size), memory_limit="2GB")


def in_own_process(script: str, *arguments: str, memory_limit: str | None = None) -> None:
    """Run a benchmark step in a process of its own, so that peaks do not mix."""
    environment = dict(os.environ)
    if memory_limit:
        environment["STOKER_MEMORY_LIMIT"] = memory_limit
    subprocess.run([sys.executable, script, *arguments], check=True, env=environment)
