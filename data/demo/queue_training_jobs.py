"""The training jobs of the demo's queues: one for each attempt, as results of SageMaker's `Search`.

Batch makes a training job when it hands a service job to SageMaker (SCHEDULED), so that its
creation is the moment from which it holds capacity. `Search` gives the tags of a job, and with
them its user, which describe-training-job does not. No job asks for a keep-alive, and none of them
reads its data through a channel: the pools, the keep-alive advice and the published startup
latencies of the history beside it stay what they are.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from data.demo.history import FAILURES, MESSAGES, STOPPING, instant
from data.demo.pools import AS_OF_MS
from data.demo.queues import (
    COMPLETED,
    FAILED,
    MIXED,
    PREEMPTED,
    QUEUE_ACCOUNT,
    QUEUE_REGION,
    STOPPED,
    Attempt,
    QueueJob,
)

ARN = f"arn:aws:sagemaker:{QUEUE_REGION}:{QUEUE_ACCOUNT}"
ROLE = f"arn:aws:iam::{QUEUE_ACCOUNT}:role/demo"
# of the one job that has groups; its hosts are told apart by what was measured on them
INSTANCE_GROUPS = (
    ("dnn_group", "ml.g6.2xlarge", 2),
    ("decode_group", "ml.c5.9xlarge", 2),
    ("store_group", "ml.c5.18xlarge", 2),
)
STATUSES = {COMPLETED: "Completed", FAILED: "Failed", STOPPED: "Stopped", PREEMPTED: "Stopped"}

Record = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class TrainingJob:
    """What one attempt became in SageMaker: its name, and when its phases began."""

    attempt: Attempt
    name: str
    started_ms: int
    training_ms: int

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"{ARN}:training-job/{self.name}"

    @property
    def is_open(self) -> bool:
        """Whether it has not ended when the history does."""
        return self.attempt.is_open

    @property
    def status(self) -> str:
        """Its status, in SageMaker's words."""
        return "InProgress" if self.is_open else STATUSES[self.attempt.outcome]

    @property
    def seen_ms(self) -> int:
        """Its end, or that of the history."""
        return AS_OF_MS if self.is_open else self.attempt.released_ms

    @property
    def has_started(self) -> bool:
        """Whether its instances were there before it ended."""
        return self.started_ms < self.seen_ms

    @property
    def is_training(self) -> bool:
        """Whether its script ran before it ended."""
        return self.training_ms < self.seen_ms


def training_jobs(jobs: list[QueueJob], rng: np.random.Generator) -> list[TrainingJob]:
    """Return the training job of every attempt, by creation."""
    attempts = [attempt for job in jobs for attempt in job.attempts]
    attempts.sort(key=lambda attempt: attempt.allocated_ms)
    provisioning_ms = rng.integers(55_000, 75_000, len(attempts)).tolist()
    download_ms = rng.integers(8_000, 25_000, len(attempts)).tolist()
    return [
        TrainingJob(
            attempt,
            f"AWSBatch{attempt.job.name}{rng.bytes(16).hex()}",
            attempt.allocated_ms + provisioning,
            attempt.allocated_ms + provisioning + download,
        )
        for attempt, provisioning, download in zip(
            attempts, provisioning_ms, download_ms, strict=True
        )
    ]


def request(job: QueueJob, name: str) -> Record:
    """Return the CreateTrainingJob request of a job, which Batch passes on."""
    team = job.share.name
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {
            "TrainingImage": (
                f"{QUEUE_ACCOUNT}.dkr.ecr.{QUEUE_REGION}.amazonaws.com/demo-{team}:2.0"
            ),
            "TrainingInputMode": "File",
        },
        "RoleArn": f"{ROLE}-{team}",
        "OutputDataConfig": {"S3OutputPath": f"s3://demo-{team}-models/"},
        "ResourceConfig": _resources(job),
        "StoppingCondition": dict(STOPPING),
        "Tags": [
            {"Key": "demo", "Value": "true"},
            {"Key": "team", "Value": team},
            {"Key": "user", "Value": job.user},
        ],
    }


def search_result(training_job: TrainingJob) -> Record:
    """Return a training job as a result of `Search`."""
    attempt, job = training_job.attempt, training_job.attempt.job
    visits = _visits(training_job)
    failure = FAILURES[job.number % len(FAILURES)] if attempt.outcome == FAILED else ""
    record = request(job, training_job.name) | {
        "TrainingJobArn": training_job.arn,
        "TrainingJobStatus": training_job.status,
        "SecondaryStatus": visits[-1][0],
        "ModelArtifacts": {
            "S3ModelArtifacts": (
                f"s3://demo-{job.share.name}-models/{training_job.name}/output/model.tar.gz"
            )
        },
        "CreationTime": instant(attempt.allocated_ms),
        "LastModifiedTime": instant(visits[-1][1]),
        "SecondaryStatusTransitions": _transitions(training_job, visits, failure),
        "EnableNetworkIsolation": False,
        "EnableInterContainerTrafficEncryption": False,
        "EnableManagedSpotTraining": False,
    }
    if failure and not training_job.is_open:
        record["FailureReason"] = failure
    if training_job.has_started:
        record["TrainingStartTime"] = instant(training_job.started_ms)
        if not training_job.is_open:
            run_s = (attempt.released_ms - training_job.started_ms + 500) // 1000
            record["TrainingEndTime"] = instant(attempt.released_ms)
            record["TrainingTimeInSeconds"] = record["BillableTimeInSeconds"] = max(run_s, 1)
    return {"TrainingJob": record}


def _resources(job: QueueJob) -> Record:
    resources: Record = {"VolumeSizeInGB": 200}
    if job.profile == MIXED:
        resources["InstanceGroups"] = [
            {"InstanceGroupName": name, "InstanceType": instance_type, "InstanceCount": count}
            for name, instance_type, count in INSTANCE_GROUPS
        ]
        return resources
    return resources | {
        "InstanceType": job.queue.instance_type,
        "InstanceCount": job.instance_count,
    }


def _visits(training_job: TrainingJob) -> list[tuple[str, int]]:
    """Return the secondary statuses that it came to, with their beginnings."""
    attempt = training_job.attempt
    visits = [
        ("Starting", attempt.allocated_ms),
        ("Pending", attempt.allocated_ms + 800),
        ("Downloading", training_job.started_ms),
        ("Training", training_job.training_ms),
    ]
    if attempt.outcome == COMPLETED:
        visits.append(("Uploading", attempt.released_ms - 9_000))
    visits = [visit for visit in visits if visit[1] < training_job.seen_ms]
    if training_job.is_open:
        return visits
    if training_job.status == "Stopped":
        visits.append(("Stopping", attempt.released_ms))
    return [*visits, (training_job.status, attempt.released_ms)]


def _transitions(
    training_job: TrainingJob, visits: list[tuple[str, int]], failure: str
) -> list[Record]:
    transitions: list[Record] = [
        {
            "Status": status,
            "StartTime": instant(began_ms),
            "StatusMessage": MESSAGES.get(status, failure or "Waiting"),
        }
        for status, began_ms in visits
    ]
    for transition, (_, next_ms) in zip(transitions, visits[1:], strict=False):
        transition["EndTime"] = instant(next_ms)
    if not training_job.is_open:
        transitions[-1]["EndTime"] = transitions[-1]["StartTime"]
    return transitions
