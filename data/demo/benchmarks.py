"""The demo's benchmark runs: three made-up workloads, each with another answer.

Vision waits for its CPUs, and was measured on three clusters; language keeps its GPUs busy; speech
was measured without GPU utilization.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from data.demo.history import instant
from data.demo.pools import AS_OF_MS, DAY_MS, generator

SAMPLES_A_RUN = 8
STEPS_A_SAMPLE = 250
RUN_SPREAD, SAMPLE_SPREAD = 0.01, 0.02


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


def benchmark_jsonl() -> bytes:
    """Return the runs as JSON lines, the same bytes at every call."""
    rng = generator(230)
    rows: list[dict[str, Any]] = []
    for number, benchmark in enumerate(BENCHMARKS):
        for run in range(benchmark.run_count):
            mean_ms = benchmark.step_ms * (1 + RUN_SPREAD * rng.standard_normal())
            ran_at = instant(AS_OF_MS - (20 - number - 2 * run) * DAY_MS)
            steps_ms = mean_ms * (1 + SAMPLE_SPREAD * rng.standard_normal(SAMPLES_A_RUN))
            rows += [_row(benchmark, step_ms, ran_at) for step_ms in steps_ms.tolist()]
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def _row(benchmark: Benchmark, step_ms: float, ran_at: str) -> dict[str, Any]:
    return {
        "workload": benchmark.workload,
        "configuration": benchmark.configuration,
        "instance_groups": benchmark.instance_groups,
        "step_time_ms": round(step_ms, 1),
        "step_count": STEPS_A_SAMPLE,
        "samples_per_step": benchmark.samples_per_step,
        "cpu_utilization_ratio": benchmark.cpu,
        "gpu_utilization_ratio": benchmark.gpu,
        "ran_at": ran_at,
    }
