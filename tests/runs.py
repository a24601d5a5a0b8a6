"""Benchmark runs for tests: rows become an imported file."""

from typing import Any

from data.ingest.pipeline import ImportResult, ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from tests.conftest import lines

P4D, HETERO = "ml.p4d.24xlarge x1", "ml.p4d.24xlarge x1 + ml.c5.18xlarge x2"
P3, P3_C5 = "ml.p3.2xlarge x1", "ml.p3.2xlarge x1 + ml.c5.9xlarge x1"


def run(
    configuration: str, instance_groups: str, step_time_ms: float, workload: str = "tf", **more: Any
) -> dict[str, Any]:
    return {
        "workload": workload,
        "configuration": configuration,
        "instance_groups": instance_groups,
        "step_time_ms": step_time_ms,
        **more,
    }


TENSORFLOW = (run("homogeneous", P4D, 192), run("heterogeneous", HETERO, 86))
PYTORCH = (
    run("homogeneous", P3, 1193, workload="pt"),
    run("heterogeneous", P3_C5, 184, workload="pt"),
)


def take_runs(store: Store, *rows: dict[str, Any], name: str = "runs.jsonl") -> ImportResult:
    return ingest(store, uploaded(name, lines(*rows)))
