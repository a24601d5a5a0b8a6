"""The demo's queues, read back from its files: documents, attempts, and who held what when."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import orjson

from data.demo.files import demo_files

SINCE = datetime(2026, 10, 19, tzinfo=UTC)
CHANGED = datetime(2026, 11, 2, tzinfo=UTC)
UNTIL = datetime(2026, 11, 15, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
QUOTA, CAPACITY = 6, {"demo-training": 24, "demo-shared": 12}


@dataclass(frozen=True, eq=False)
class Attempt:
    """One time that a service job held capacity, by its training job."""

    job: dict[str, Any]
    training_job: dict[str, Any]
    is_preempted: bool

    @property
    def queue(self) -> str:
        return str(self.job["jobQueue"].rsplit("/", 1)[1])

    @property
    def share(self) -> str:
        return str(self.job.get("quotaShareName") or self.job["shareIdentifier"])

    @property
    def size(self) -> int:
        return int(sum(usage["quantity"] for usage in self.job["capacityUsage"]))

    @property
    def allocated(self) -> datetime:
        return datetime.fromisoformat(self.training_job["CreationTime"])

    @property
    def released(self) -> datetime:
        if self.training_job["TrainingJobStatus"] == "InProgress":
            return UNTIL
        return datetime.fromisoformat(self.training_job["LastModifiedTime"])


@cache
def files() -> dict[str, list[dict[str, Any]]]:
    """The documents of each file."""
    return {
        file.name: (
            [orjson.loads(line) for line in file.content.splitlines()]
            if file.name.endswith(".jsonl")
            else [orjson.loads(file.content)]
        )
        for file in demo_files()
        if not file.name.endswith(".csv")
    }


def service_jobs() -> list[dict[str, Any]]:
    return files()["demo-service-jobs.jsonl"]


@cache
def attempts() -> list[Attempt]:
    """Every attempt, by the moment from which it held capacity."""
    training_jobs = {
        result["TrainingJob"]["TrainingJobArn"]: result["TrainingJob"]
        for result in files()["demo-queue-training-jobs.jsonl"]
    }
    found = []
    for job in service_jobs():
        for one in job["attempts"]:
            arn = one["serviceResourceId"]["value"]
            found.append(Attempt(job, training_jobs.pop(arn), is_preempted=False))
        for one in job.get("preemptionSummary", {}).get("recentPreemptedAttempts", []):
            arn = one["serviceResourceId"]["value"]
            found.append(Attempt(job, training_jobs.pop(arn), is_preempted=True))
    assert not training_jobs
    return sorted(found, key=lambda attempt: attempt.allocated)


def of_queue(queue: str) -> list[Attempt]:
    return [attempt for attempt in attempts() if attempt.queue == queue]


def used_at(moment: datetime, queue: str) -> Counter[str]:
    """The instances that each share holds just after a moment."""
    used: Counter[str] = Counter()
    for attempt in of_queue(queue):
        if attempt.allocated <= moment < attempt.released:
            used[attempt.share] += attempt.size
    return used


@cache
def hourly(queue: str) -> dict[datetime, dict[str, float]]:
    """Instance-hours of each share in each hour."""
    used: dict[datetime, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for attempt in of_queue(queue):
        hour = attempt.allocated.replace(minute=0, second=0, microsecond=0)
        while hour < attempt.released:
            until = min(hour + HOUR, attempt.released)
            used[hour][attempt.share] += (
                attempt.size * (until - max(hour, attempt.allocated)) / HOUR
            )
            hour += HOUR
    return used


def waits_h(queue: str, share: str, since: datetime, until: datetime) -> list[float]:
    """Hours that jobs waited from their request to their first attempt."""
    first: dict[str, Attempt] = {}
    for attempt in of_queue(queue):
        first.setdefault(attempt.job["jobId"], attempt)
    return [
        (attempt.allocated - created(attempt.job)) / HOUR
        for attempt in first.values()
        if attempt.share == share and since <= created(attempt.job) < until
    ]


def created(job: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(job["createdAt"] / 1000, UTC)
