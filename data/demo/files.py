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
from data.demo.demand import requests
from data.demo.history import demo_jsonl
from data.demo.measurements import metric_answers
from data.demo.pools import generator
from data.demo.queue_training_jobs import search_result, training_jobs
from data.demo.queues import CHANGED_MS, FIRST_WEEK_MS, QUEUES, TRAINING
from data.demo.scheduling import run_queue

FIRST_FILE = "demo-history.jsonl"


class DemoFile(NamedTuple):
    """One file of the demo: its name, the kind of its records, and its content."""

    name: str
    kind: str
    content: bytes


def demo_files() -> list[DemoFile]:
    """Return the files of the demo history, the same bytes at every call."""
    files = [DemoFile(FIRST_FILE, "jobs", demo_jsonl())]
    attempts = []
    service_jobs = []
    for number, queue in enumerate(QUEUES):
        jobs = requests(queue)
        run_queue(queue, jobs)
        made = training_jobs(jobs, generator(200 + number))
        attempts += made
        service_jobs.append(ServiceJobs(queue, jobs, made, generator(210 + number)))
    settings = {
        "job_queues": ("demo-job-queues", described_queues(QUEUES, FIRST_WEEK_MS)),
        "service_environments": (
            "demo-service-environments",
            described_environments(QUEUES, FIRST_WEEK_MS),
        ),
        "scheduling_policies": (
            "demo-scheduling-policies",
            described_policies(QUEUES, FIRST_WEEK_MS),
        ),
    }
    files += [
        DemoFile(
            "demo-queue-training-jobs.jsonl", "jobs", _lines(search_result(one) for one in attempts)
        ),
        DemoFile(
            "demo-service-jobs.jsonl",
            "service_jobs",
            _lines(answer for jobs in service_jobs for answer in jobs.described()),
        ),
        DemoFile("demo-metrics.jsonl", "metrics", _lines(metric_answers(attempts, generator(220)))),
    ]
    files += [DemoFile(f"{name}.json", kind, _text(answer)) for kind, (name, answer) in settings.items()]
    files += [
        DemoFile(f"demo-quota-shares-{when}.json", "quota_shares", _text(listed_quota_shares(TRAINING, at_ms)))
        for when, at_ms in (("before", FIRST_WEEK_MS), ("after", CHANGED_MS))
    ]
    files += [
        DemoFile(f"{jobs.queue.name}-snapshot.json", "queue_snapshots", _text(jobs.snapshot()))
        for jobs in service_jobs
    ]
    return files


def _lines(documents: Iterable[object]) -> bytes:
    return b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in documents)


def _text(document: object) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)
