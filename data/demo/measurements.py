"""What CloudWatch measured on the hosts of the demo's queues, as answers of get-metric-data.

Every training job since `MEASURED_FROM_MS` is measured, and every third before: what is missing is
missing. A sample stands for five minutes, the shortest time that CloudWatch still has of days that
are more than 15 days old. Values are sums over the devices of a host, so that GPUUtilization
reaches 400 on four GPUs. Most jobs use their GPUs well; some wait for their CPUs; the forgotten one
stays below 5 %; and on the cluster of three kinds of instances one host uses more CPU than the
smaller type has, so that it must be of the larger, while the other three could be of either.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.demo.history import instant
from data.demo.pools import DAY_MS
from data.demo.queue_training_jobs import INSTANCE_GROUPS, TrainingJob
from data.demo.queues import CHANGED_MS, CPU_BOUND, IDLE, MIXED, QUEUE_ACCOUNT

NAMESPACE = "/aws/sagemaker/TrainingJobs"
PERIOD_S = 300
PERIOD_MS = PERIOD_S * 1000
MEASURED_FROM_MS = CHANGED_MS + 6 * DAY_MS
EARLIER_JOB_EVERY = 3
MOST_QUERIES = 500  # of one answer, as CloudWatch allows
FORGOTTEN_AFTER = 9  # samples in which the forgotten job was still used
ALWAYS = ("CPUUtilization", "GPUUtilization")
OF_SOME = ("GPUMemoryUtilization", "MemoryUtilization", "DiskUtilization")
ALL_METRICS_EVERY = 8

Document = dict[str, Any]
Ratios = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Host:
    """One host of a training job, as CloudWatch names it."""

    training_job: TrainingJob
    number: int
    vcpu_count: int
    gpu_count: int

    @property
    def name(self) -> str:
        """The value of the dimension `Host`."""
        return f"{self.training_job.name}/algo-{self.number}"


def metric_answers(
    training_jobs: Iterable[TrainingJob], rng: np.random.Generator
) -> Iterator[Document]:
    """Yield answers of get-metric-data, each with its queries."""
    queries: list[Document] = []
    results: list[Document] = []
    for place, training_job in enumerate(training_jobs):
        if not _is_measured(training_job, place):
            continue
        for host in _hosts(training_job):
            if len(queries) > MOST_QUERIES - len(ALWAYS + OF_SOME):
                yield _answer(queries, results)
                queries, results = [], []
            for metric_name, values in _series(host, place, rng).items():
                query_id = f"m{len(queries)}"
                queries.append(_query(query_id, host, metric_name))
                results.append(_result(query_id, metric_name, training_job, values))
    if queries:
        yield _answer(queries, results)


def _is_measured(training_job: TrainingJob, place: int) -> bool:
    if _sample_count(training_job) < 1:
        return False
    is_recent = training_job.attempt.allocated_ms >= MEASURED_FROM_MS
    is_of_note = training_job.attempt.job.profile in (IDLE, MIXED)
    return is_recent or is_of_note or place % EARLIER_JOB_EVERY == 0


def _first_sample_ms(training_job: TrainingJob) -> int:
    return -(-training_job.training_ms // PERIOD_MS) * PERIOD_MS


def _sample_count(training_job: TrainingJob) -> int:
    """Return how many whole periods lie between the start of training and the end."""
    return (training_job.seen_ms - _first_sample_ms(training_job)) // PERIOD_MS


@cache
def _devices() -> dict[str, tuple[int, int]]:
    """Return vCPUs and GPUs of each instance type."""
    text = (files("data.reference") / "instance_specs.csv").read_text(encoding="utf-8")
    return {
        row["instance_type"]: (
            int(float(row["vcpu"] or 0)),
            int(float(row["accelerator_count"] or 0)) if row["accelerator_kind"] == "gpu" else 0,
        )
        for row in csv.DictReader(text.splitlines())
    }


def _hosts(training_job: TrainingJob) -> list[Host]:
    job = training_job.attempt.job
    types = [job.queue.instance_type] * job.instance_count
    if job.profile == MIXED:
        # hosts are numbered across all groups, in no order that AWS promises
        types = [instance_type for _, instance_type, count in INSTANCE_GROUPS[::-1]
                 for _ in range(count)]  # fmt: skip
    return [
        Host(training_job, number, *_devices()[instance_type])
        for number, instance_type in enumerate(types, start=1)
    ]


def _series(host: Host, place: int, rng: np.random.Generator) -> dict[str, Ratios]:
    """Return the values of each metric of a host, one a period."""
    profile = host.training_job.attempt.job.profile
    count = _sample_count(host.training_job)
    gpu, cpu = _levels(host, profile, rng)
    gpu_ratio = np.clip(gpu + rng.normal(0, 0.05, count), 0, 1)
    cpu_ratio = np.clip(cpu + rng.normal(0, 0.03, count), 0, 1)
    if profile == IDLE:
        gpu_ratio[FORGOTTEN_AFTER:] = np.clip(
            rng.normal(0.006, 0.006, count)[FORGOTTEN_AFTER:], 0, 0.04
        )
        cpu_ratio[FORGOTTEN_AFTER:] = np.clip(cpu_ratio[FORGOTTEN_AFTER:] - 0.3, 0.01, 0.05)
    found = {"CPUUtilization": cpu_ratio * 100 * host.vcpu_count}
    if host.gpu_count:
        found["GPUUtilization"] = gpu_ratio * 100 * host.gpu_count
    if place % ALL_METRICS_EVERY == 0 or profile in (IDLE, MIXED):
        if host.gpu_count:
            memory = np.clip(0.35 + 0.6 * gpu + rng.normal(0, 0.01, count), 0, 1)
            found["GPUMemoryUtilization"] = memory * 100 * host.gpu_count
        found["MemoryUtilization"] = np.clip(30 + 40 * cpu + rng.normal(0, 1, count), 0, 100)
        found["DiskUtilization"] = np.clip(12 + np.arange(count) * 0.08, 0, 88)
    return found


def _levels(host: Host, profile: str, rng: np.random.Generator) -> tuple[float, float]:
    """Draw how busy the GPUs and the vCPUs of a host are."""
    if profile == MIXED and not host.gpu_count:
        return 0.0, 0.88 if host.number == 1 else 0.42
    if profile == CPU_BOUND:
        return float(rng.uniform(0.3, 0.5)), float(rng.uniform(0.94, 0.97))
    if profile == IDLE:
        return 0.62, 0.33
    return float(rng.uniform(0.62, 0.93)), float(rng.uniform(0.25, 0.6))


def _query(query_id: str, host: Host, metric_name: str) -> Document:
    return {
        "Id": query_id,
        "MetricStat": {
            "Metric": {
                "Namespace": NAMESPACE,
                "MetricName": metric_name,
                "Dimensions": [{"Name": "Host", "Value": host.name}],
            },
            "Period": PERIOD_S,
            "Stat": "Average",
        },
        "ReturnData": True,
        "AccountId": QUEUE_ACCOUNT,
    }


def _result(query_id: str, metric_name: str, training_job: TrainingJob, values: Ratios) -> Document:
    first_ms = _first_sample_ms(training_job)
    return {
        "Id": query_id,
        "Label": metric_name,
        "Timestamps": [_moment(first_ms + place * PERIOD_MS) for place in range(len(values))],
        "Values": values.round(1).tolist(),
        "StatusCode": "Complete",
    }


@cache
def _moment(at_ms: int) -> str:
    return instant(at_ms)


def _answer(queries: list[Document], results: list[Document]) -> Document:
    return {"MetricDataQueries": queries, "MetricDataResults": results, "Messages": []}
