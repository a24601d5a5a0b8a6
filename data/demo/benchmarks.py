"""The demo's benchmark runs: three made-up workloads, each with another answer.

Vision waits for its CPUs, and was measured on three clusters; language keeps its GPUs busy; speech
was measured without GPU utilization.
"""

from dataclasses import dataclass

import numpy as np

from data.demo.history import instant
from data.demo.pools import AS_OF_MS, DAY_MS, generator

SAMPLES_A_RUN = 8
STEPS_A_SAMPLE = 250
RUN_SPREAD, SAMPLE_SPREAD = 0.01, 0.02
HEADER = (
    "workload,configuration,instance_groups,step_time_ms,step_count,samples_per_step,"
    "cpu_utilization_ratio,gpu_utilization_ratio,ran_at\n"
)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A configuration, and what its runs come near to; utilization None is not recorded."""

    workload: str
    configuration: str
    instance_groups: str
    step_ms: float
    run_count: int
    samples_per_step: int
    cpu: float | None = None
    gpu: float | None = None


BENCHMARKS = (
    Benchmark("demo-vision", "p4d alone", "ml.p4d.24xlarge x1", 192, 3, 1024, 0.98, 0.45),
    Benchmark("demo-vision", "p4d + 1 c5", "ml.p4d.24xlarge x1 + ml.c5.18xlarge x1", 112, 2, 1024),
    Benchmark("demo-vision", "p4d + 2 c5", "ml.p4d.24xlarge x1 + ml.c5.18xlarge x2", 91, 3, 1024),
    Benchmark("demo-language", "4 GPUs", "ml.g5.12xlarge x1", 840, 2, 64, 0.35, 0.96),
    Benchmark("demo-language", "8 GPUs", "ml.g5.48xlarge x1", 445, 2, 64, 0.3, 0.93),
    Benchmark("demo-speech", "one GPU", "ml.g5.2xlarge x1", 310, 2, 16, 0.97),
)


def benchmark_csv() -> bytes:
    """Return the runs as CSV, the same bytes at every call."""
    rng = generator(230)
    lines = [HEADER]
    for number, benchmark in enumerate(BENCHMARKS):
        for run in range(benchmark.run_count):
            ran_at = instant(AS_OF_MS - (20 - number - 2 * run) * DAY_MS)
            mean_ms = benchmark.step_ms * (1 + RUN_SPREAD * rng.standard_normal())
            lines += _run(benchmark, mean_ms, ran_at, rng)
    return "".join(lines).encode()


def _run(benchmark: Benchmark, mean_ms: float, ran_at: str, rng: np.random.Generator) -> list[str]:
    steps_ms = mean_ms * (1 + SAMPLE_SPREAD * rng.standard_normal(SAMPLES_A_RUN))
    ratios = ("" if one is None else str(one) for one in (benchmark.cpu, benchmark.gpu))
    cpu, gpu = ratios
    return [
        f"{benchmark.workload},{benchmark.configuration},{benchmark.instance_groups},"
        f"{step_ms:.1f},{STEPS_A_SAMPLE},{benchmark.samples_per_step},{cpu},{gpu},{ran_at}\n"
        for step_ms in steps_ms
    ]
