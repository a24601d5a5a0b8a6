"""Service jobs of AWS Batch: they wait for capacity, some are preempted, each attempt trains once.

The scheduler of the history is first in, first out over instances; it is there to make waits, not
to be right about shares.
"""

import heapq
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from tests.aws_server.training import Document, Family, Settled, TrainingJob

INSTANCE_TYPE = "ml.g5.12xlarge"


@dataclass(frozen=True)
class Queue:
    """A job queue with its environment and policy."""

    name: str
    shares: tuple[str, ...]
    is_quota: bool
    capacity: int = 24
    priority: int = 1

    @property
    def share_field(self) -> str:
        """The field of a job that names its share."""
        return "quotaShareName" if self.is_quota else "shareIdentifier"


QUEUES = (
    Queue("research", ("ads", "ranking", "speech"), is_quota=False, priority=10),
    Queue("production", ("vision", "language"), is_quota=True, priority=5),
)


@dataclass
class ServiceJob:
    """A service job. Times are seconds since 1970."""

    job_id: str
    name: str
    queue: Queue
    share: str
    priority: int
    count: int
    account: str
    region: str
    created: float
    attempts: list[TrainingJob] = field(default_factory=list)
    is_preempted: list[bool] = field(default_factory=list)

    @property
    def arn(self) -> str:
        """The ARN."""
        return f"arn:aws:batch:{self.region}:{self.account}:service-job/{self.job_id}"

    @property
    def queue_arn(self) -> str:
        """The ARN of its queue."""
        return f"arn:aws:batch:{self.region}:{self.account}:job-queue/{self.queue.name}"

    @property
    def settled(self) -> float:
        """When the last thing happens to it."""
        return self.attempts[-1].ended if self.attempts else float("inf")

    def shift(self, seconds: float) -> None:
        """Let it be created so much later; its attempts are training jobs and shift themselves."""
        self.created += seconds

    def status(self, now: float) -> str:
        """Return Batch's word for where it stands."""
        if now < self.created + 2:
            return "SUBMITTED"
        begun = [number for number, job in enumerate(self.attempts) if job.created <= now]
        if not begun:
            return "RUNNABLE"
        attempt = self.attempts[begun[-1]]
        if now < (attempt.started or attempt.ended):
            return "SCHEDULED"
        if now < (attempt.trained or attempt.ended):
            return "STARTING"
        if now < attempt.ended:
            return "RUNNING"
        if self.is_preempted[begun[-1]]:
            return "RUNNABLE"
        return "SUCCEEDED" if attempt.status == "Completed" else "FAILED"

    def summary(self, now: float) -> Document:
        """Return the job as list-service-jobs has it."""
        return self._settled["summary"] if now >= self.settled else self._summary(now)

    def described(self, now: float) -> Document:
        """Return the answer of describe-service-job."""
        return self._settled["described"] if now >= self.settled else self._described(now)

    @cached_property
    def _settled(self) -> dict[str, Settled]:
        now = self.settled
        return {
            "summary": Settled(self._summary(now)),
            "described": Settled(self._described(now)),
        }

    def _summary(self, now: float) -> Document:
        begun = [job for job in self.attempts if job.created <= now]
        status = self.status(now)
        document: Document = {
            "jobArn": self.arn,
            "jobId": self.job_id,
            "jobName": self.name,
            "serviceJobType": "SAGEMAKER_TRAINING",
            "status": status,
            "createdAt": _ms(self.created),
            "capacityUsage": [{"capacityUnit": INSTANCE_TYPE, "quantity": float(self.count)}],
            self.queue.share_field: self.share,
        }
        if begun:
            last = begun[-1]
            document["latestAttempt"] = {"serviceResourceId": _resource(last)}
            if status != "RUNNABLE":
                document["scheduledAt"] = _ms(last.created)
                if last.started is not None and last.started <= now:
                    document["startedAt"] = _ms(last.started)
            if status in {"SUCCEEDED", "FAILED"}:
                document["stoppedAt"] = _ms(last.ended)
                document["statusReason"] = f"Received status from SageMaker: {last.status}"
        return document

    def _described(self, now: float) -> Document:
        document = self._summary(now)
        document.setdefault("startedAt", 0)
        document["jobQueue"] = self.queue_arn
        document["schedulingPriority"] = self.priority
        document["retryStrategy"] = {"attempts": 3, "evaluateOnExit": []}
        document["timeoutConfig"] = {"attemptDurationSeconds": 86400}
        document["serviceRequestPayload"] = json.dumps(
            {
                "TrainingJobName": self.name,
                "ResourceConfig": {
                    "InstanceType": INSTANCE_TYPE,
                    "InstanceCount": self.count,
                    "VolumeSizeInGB": 30,
                },
            }
        )
        document["tags"] = {"user": f"{self.share}-user", "team": self.share}
        attempts, preempted = [], []
        for job, is_preempted in zip(self.attempts, self.is_preempted, strict=True):
            if job.created > now:
                break
            attempt: Document = {"serviceResourceId": _resource(job)}
            if job.started is not None and job.started <= now:
                attempt["startedAt"] = _ms(job.started)
            if job.ended <= now:
                attempt["stoppedAt"] = _ms(job.ended)
                attempt["statusReason"] = (
                    "Preempted: the capacity was reclaimed"
                    if is_preempted
                    else f"Received status from SageMaker: {job.status}"
                )
                if is_preempted:
                    preempted.append(attempt)
            attempts.append(attempt)
        document["attempts"] = attempts
        if self.queue.is_quota:
            document["preemptionConfiguration"] = {"preemptionRetriesBeforeTermination": 5}
            if preempted:
                document["preemptionSummary"] = {
                    "preemptedAttemptCount": len(preempted),
                    "recentPreemptedAttempts": preempted,
                }
        return document


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


def _resource(job: TrainingJob) -> Document:
    return {"name": "TrainingJobArn", "value": job.arn}


def queued_jobs(
    rng: np.random.Generator, count: int, days: float, *, account: str, region: str
) -> list[ServiceJob]:
    """Return `count` service jobs by creation, the first created at 0, over about `days`."""
    between = days * 86400 / count
    # a run that keeps most of the capacity busy, so that there are waits
    run = min(between * sum(queue.capacity for queue in QUEUES) / 2.5 * 0.9, 6 * 3600)
    jobs: list[ServiceJob] = []
    created = 0.0
    for _ in range(count):
        queue = QUEUES[int(rng.integers(len(QUEUES)))]
        share = queue.shares[int(rng.integers(len(queue.shares)))]
        jobs.append(
            ServiceJob(
                str(uuid.UUID(bytes=rng.bytes(16), version=4)),
                f"{share}-{len(jobs):05d}",
                queue,
                share,
                int(rng.integers(10)),
                int(rng.choice([1, 2, 4])),
                account,
                region,
                created,
            )
        )
        created += float(rng.exponential(between))
    for queue in QUEUES:
        _schedule(rng, queue, [job for job in jobs if job.queue is queue], run)
    return jobs


def _schedule(rng: np.random.Generator, queue: Queue, jobs: list[ServiceJob], run: float) -> None:
    waiting = [(job.created + 3, order, job) for order, job in enumerate(jobs)]
    heapq.heapify(waiting)
    held: list[tuple[float, int]] = []
    free, clock, order = queue.capacity, 0.0, len(jobs)
    while waiting:
        ready, _, job = heapq.heappop(waiting)
        clock = max(clock, ready)
        while held and (held[0][0] <= clock or free < job.count):
            ended, freed = heapq.heappop(held)
            clock, free = max(clock, ended), free + freed
        attempt, is_preempted = _attempt(rng, job, clock, run)
        job.attempts.append(attempt)
        job.is_preempted.append(is_preempted)
        heapq.heappush(held, (attempt.ended, job.count))
        free -= job.count
        if is_preempted:
            order += 1
            heapq.heappush(waiting, (attempt.ended + 5, order, job))


def _attempt(
    rng: np.random.Generator, job: ServiceJob, at: float, run: float
) -> tuple[TrainingJob, bool]:
    started = at + float(rng.uniform(60, 240))
    trained = started + float(rng.uniform(20, 90))
    ended = trained + run * float(rng.lognormal(0, 0.3))
    luck = float(rng.random())
    is_preempted = job.queue.is_quota and luck < 0.1 and len(job.attempts) < 3
    family = Family(job.share, INSTANCE_TYPE, job.count, volume_gb=30, team=job.share)
    parts: dict[str, Any] = {
        "name": f"AWSBatch{job.name}{rng.bytes(16).hex()}",
        "family": family,
        "account": job.account,
        "region": job.region,
        "created": at,
        "started": started,
        "trained": trained,
        "tags": {"user": f"{job.share}-user", "team": job.share},
    }
    if is_preempted:
        early = trained + (ended - trained) * 0.4
        return TrainingJob(uploaded=None, ended=early, status="Stopped", **parts), True
    if luck > 0.93:
        return (
            TrainingJob(
                uploaded=None, ended=ended, status="Failed", reason="AlgorithmError", **parts
            ),
            False,
        )
    return TrainingJob(uploaded=ended, ended=ended + 20, **parts), False


def attempts_of(jobs: list[ServiceJob]) -> Iterator[TrainingJob]:
    """Yield the training jobs of all attempts."""
    for job in jobs:
        yield from job.attempts
