"""The files of the demo history: what a user would have exported, each of one kind of record."""

from collections.abc import Iterable
from typing import NamedTuple

import orjson

from data.demo.batch_answers import (
    ServiceJobs,
    described_environments,
    described_policies,
    described_queues,
    listed_quota_shares,
)
from data.demo.benchmarks import benchmark_jsonl
from data.demo.bill import bill_csv
from data.demo.demand import requests
from data.demo.history import demo_jsonl
from data.demo.measurements import metric_answers
from data.demo.pools import generator
from data.demo.queue_training_jobs import TrainingJob, search_result, training_jobs
from data.demo.queues import CHANGED_MS, FIRST_WEEK_MS, QUEUES, SHARED, TRAINING
from data.demo.scheduling import run_queue
from data.raw.inputs import InputFile, uploaded

KINDS = {
    "demo-history.jsonl": "jobs",
    "demo-queue-training-jobs.jsonl": "jobs",
    "demo-service-jobs.jsonl": "service_jobs",
    "demo-metrics.jsonl": "metrics",
    "demo-job-queues.json": "job_queues",
    "demo-service-environments.json": "service_environments",
    "demo-scheduling-policies.json": "scheduling_policies",
    "demo-quota-shares-before.json": "quota_shares",
    "demo-quota-shares-after.json": "quota_shares",
    f"{TRAINING.name}.snapshot.json": "queue_snapshots",
    f"{SHARED.name}.snapshot.json": "queue_snapshots",
    "demo-benchmark-runs.jsonl": "benchmark_runs",
    "demo-bill.csv": "bill",
}
"""The kind of the records in each file, by its name."""


class DemoFile(NamedTuple):
    """One file of the demo: its name and its content."""

    name: str
    content: bytes

    @property
    def as_input(self) -> InputFile:
        """The file as it is imported."""
        return uploaded(self.name, self.content)


def demo_files() -> list[DemoFile]:
    """Return the files of the demo history in the order of `KINDS`, the same at every call."""
    attempts: list[TrainingJob] = []
    service_jobs: list[ServiceJobs] = []
    for number, queue in enumerate(QUEUES):
        jobs = requests(queue)
        run_queue(queue, jobs)
        made = training_jobs(jobs, generator(200 + number))
        attempts += made
        service_jobs.append(ServiceJobs(queue, jobs, made, generator(210 + number)))
    history = demo_jsonl()
    results = [search_result(attempt) for attempt in attempts]
    contents = (
        history,
        _lines(results),
        _lines(answer for jobs in service_jobs for answer in jobs.described()),
        _lines(metric_answers(attempts, generator(220))),
        _text(described_queues(QUEUES, FIRST_WEEK_MS)),
        _text(described_environments(QUEUES, FIRST_WEEK_MS)),
        _text(described_policies(QUEUES, FIRST_WEEK_MS)),
        _text(listed_quota_shares(TRAINING, FIRST_WEEK_MS)),
        _text(listed_quota_shares(TRAINING, CHANGED_MS)),
        *(_text(jobs.snapshot()) for jobs in service_jobs),
        benchmark_jsonl(),
        bill_csv([*map(orjson.loads, history.splitlines()), *results]),
    )
    return [DemoFile(*file) for file in zip(KINDS, contents, strict=True)]


def _lines(documents: Iterable[object]) -> bytes:
    return b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in documents)


def _text(document: object) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)
