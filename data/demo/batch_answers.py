"""What AWS Batch would say of the demo's queues, in the shapes of its API: jobs and settings.

Each service job is an answer of describe-service-job, as it stood at the end of the history; what
waits then is in the answers of get-job-queue-snapshot as well. Times of Batch are milliseconds.
Answers about settings say nothing of time but in their response metadata, as boto3 returns it;
they were asked for when the queues began, and the quota shares once more after the change.
"""

import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import numpy as np
import orjson

from data.demo.pools import AS_OF_MS
from data.demo.queue_training_jobs import INSTANCE_GROUPS, TrainingJob, request
from data.demo.queues import (
    CHANGED_MS,
    COMPLETED,
    FAILED,
    MIXED,
    PREEMPTED,
    QUEUE_ACCOUNT,
    QUEUE_REGION,
    STOPPED,
    Queue,
    QueueJob,
    Share,
)

ARN = f"arn:aws:batch:{QUEUE_REGION}:{QUEUE_ACCOUNT}"
DEMO_TAGS = {"demo": "true"}
REASONS = {
    COMPLETED: "Received status from SageMaker: Training job completed",
    FAILED: "Received status from SageMaker: AlgorithmError",
    STOPPED: "Received status from SageMaker: Training job stopped",
    PREEMPTED: "Preempted: the capacity was reclaimed for another job",
}

Document = dict[str, Any]


class ServiceJobs:
    """The service jobs of one queue, with the training jobs of their attempts."""

    def __init__(
        self,
        queue: Queue,
        jobs: list[QueueJob],
        training_jobs: Iterable[TrainingJob],
        rng: np.random.Generator,
    ) -> None:
        self.queue, self.jobs = queue, jobs
        self._ids = {job: str(uuid.UUID(bytes=rng.bytes(16), version=4)) for job in jobs}
        self._training_jobs: dict[QueueJob, list[TrainingJob]] = {job: [] for job in jobs}
        for training_job in training_jobs:
            self._training_jobs[training_job.attempt.job].append(training_job)

    def arn(self, job: QueueJob) -> str:
        """Return the ARN of a service job."""
        return f"{ARN}:service-job/{self._ids[job]}"

    def described(self) -> Iterator[Document]:
        """Yield an answer of describe-service-job for each job, by creation."""
        for job in self.jobs:
            yield self._described(job)

    def snapshot(self) -> Document:
        """Return an answer of get-job-queue-snapshot, at the end of the history."""
        waiting = [job for job in self.jobs if _status(job, self._training_jobs[job]) == "RUNNABLE"]
        waiting.sort(key=lambda job: (-job.priority, job.created_ms))
        running = [job for job in self.jobs if job.attempts and job.attempts[-1].is_open]
        answer: Document = {
            "frontOfQueue": {
                "jobs": [self._place(job) for job in waiting],
                "lastUpdatedAt": AS_OF_MS,
            },
            "queueUtilization": {
                "totalCapacityUsage": self._usage(running),
                "lastUpdatedAt": AS_OF_MS,
            },
        }
        by_share = [
            (share, [job for job in running if job.share is share]) for share in self.queue.shares
        ]
        if self.queue.has_quotas:
            answer["frontOfQuotaShares"] = {
                "quotaShares": {
                    share.name: [self._place(job) for job in waiting if job.share is share][:1]
                    for share in self.queue.shares
                },
                "lastUpdatedAt": AS_OF_MS,
            }
            answer["queueUtilization"]["quotaShareUtilization"] = {
                "topCapacityUtilization": [
                    {"quotaShareName": share.name, "capacityUsage": self._usage(jobs)}
                    for share, jobs in by_share
                ]
            }
        else:
            active = {job.share.name for job in waiting + running}
            answer["queueUtilization"]["fairshareUtilization"] = {
                "activeShareCount": len(active),
                "topCapacityUtilization": [
                    {"shareIdentifier": share.name, "capacityUsage": self._usage(jobs)}
                    for share, jobs in by_share
                    if share.name in active
                ],
            }
        return answer

    def _place(self, job: QueueJob) -> Document:
        return {"jobArn": self.arn(job), "earliestTimeAtPosition": job.created_ms}

    def _usage(self, jobs: list[QueueJob]) -> list[Document]:
        quantity = float(sum(job.instance_count for job in jobs))
        return [{"capacityUnit": capacity_unit(self.queue), "quantity": quantity}]

    def _described(self, job: QueueJob) -> Document:
        training_jobs = self._training_jobs[job]
        status = _status(job, training_jobs)
        document: Document = {
            "attempts": [
                _attempt(one) for one in training_jobs if one.attempt.outcome != PREEMPTED
            ],
            "capacityUsage": _capacity_usage(job),
            "createdAt": job.created_ms,
            "isTerminated": status == "FAILED" and job.attempts[-1].outcome == STOPPED,
            "jobArn": self.arn(job),
            "jobId": self._ids[job],
            "jobName": job.name,
            "jobQueue": f"{ARN}:job-queue/{job.queue.name}",
            "retryStrategy": {"attempts": job.attempt_limit, "evaluateOnExit": []},
            "schedulingPriority": job.priority,
            "serviceRequestPayload": orjson.dumps(request(job, job.name)).decode(),
            "serviceJobType": "SAGEMAKER_TRAINING",
            ("quotaShareName" if job.queue.has_quotas else "shareIdentifier"): job.share.name,
            "startedAt": 0,  # the API's model requires it of a job that waits, too
            "status": status,
            "tags": {**DEMO_TAGS, "team": job.share.name, "user": job.user},
            "timeoutConfig": {"attemptDurationSeconds": 259_200},
        }
        if training_jobs:
            last = training_jobs[-1]
            document["latestAttempt"] = {"serviceResourceId": _resource(last)}
            if last.is_training:
                document["startedAt"] = last.training_ms
            document["statusReason"] = REASONS[last.attempt.outcome]
            if status != "RUNNABLE":
                document["scheduledAt"] = last.attempt.allocated_ms
            if status in ("SUCCEEDED", "FAILED"):
                document["stoppedAt"] = last.attempt.released_ms
            elif status != "RUNNABLE":
                del document["statusReason"]
        if job.preemption_limit is not None:
            document["preemptionConfiguration"] = {
                "preemptionRetriesBeforeTermination": job.preemption_limit
            }
        if preempted := [one for one in training_jobs if one.attempt.outcome == PREEMPTED]:
            document["preemptionSummary"] = {
                "preemptedAttemptCount": len(preempted),
                "recentPreemptedAttempts": [_attempt(one) for one in preempted],
            }
        return document


def _status(job: QueueJob, training_jobs: list[TrainingJob]) -> str:
    if job.is_over:
        return "SUCCEEDED" if job.attempts[-1].outcome == COMPLETED else "FAILED"
    if not training_jobs or not training_jobs[-1].is_open:
        return "RUNNABLE"
    if training_jobs[-1].is_training:
        return "RUNNING"
    return "STARTING" if training_jobs[-1].has_started else "SCHEDULED"


def _resource(training_job: TrainingJob) -> Document:
    return {"name": "TrainingJobArn", "value": training_job.arn}


def _attempt(training_job: TrainingJob) -> Document:
    attempt: Document = {"serviceResourceId": _resource(training_job)}
    if training_job.is_training:
        attempt["startedAt"] = training_job.training_ms
    if not training_job.is_open:
        attempt["stoppedAt"] = training_job.attempt.released_ms
        attempt["statusReason"] = REASONS[training_job.attempt.outcome]
    return attempt


def _capacity_usage(job: QueueJob) -> list[Document]:
    counts = [(job.queue.instance_type, job.instance_count)]
    if job.profile == MIXED:
        counts = [(instance_type, count) for _, instance_type, count in INSTANCE_GROUPS]
    return [
        {"capacityUnit": instance_type, "quantity": float(count)} for instance_type, count in counts
    ]


def capacity_unit(queue: Queue) -> str:
    """Return what the capacity of a queue counts: with quotas, instances of a type."""
    return queue.instance_type if queue.has_quotas else "NUM_INSTANCES"


def described_queues(queues: Iterable[Queue], at_ms: int) -> Document:
    """Return an answer of describe-job-queues."""
    return {
        "jobQueues": [
            {
                "jobQueueName": queue.name,
                "jobQueueArn": _queue_arn(queue),
                "state": "ENABLED",
                "schedulingPolicyArn": _policy_arn(queue),
                "status": "VALID",
                "statusReason": "JobQueue Healthy",
                "priority": 1,
                "computeEnvironmentOrder": [],
                "serviceEnvironmentOrder": [
                    {"order": 1, "serviceEnvironment": _environment_arn(queue)}
                ],
                "jobQueueType": "SAGEMAKER_TRAINING",
                "tags": DEMO_TAGS,
            }
            for queue in queues
        ],
        **_metadata(at_ms),
    }


def described_environments(queues: Iterable[Queue], at_ms: int) -> Document:
    """Return an answer of describe-service-environments: one for each queue."""
    return {
        "serviceEnvironments": [
            {
                "serviceEnvironmentName": f"{queue.name}-capacity",
                "serviceEnvironmentArn": _environment_arn(queue),
                "serviceEnvironmentType": "SAGEMAKER_TRAINING",
                "state": "ENABLED",
                "status": "VALID",
                "capacityLimits": [
                    {"maxCapacity": queue.capacity, "capacityUnit": capacity_unit(queue)}
                ],
                "tags": DEMO_TAGS,
            }
            for queue in queues
        ],
        **_metadata(at_ms),
    }


def described_policies(queues: Iterable[Queue], at_ms: int) -> Document:
    """Return an answer of describe-scheduling-policies: one for each queue."""
    return {"schedulingPolicies": [_policy(queue) for queue in queues], **_metadata(at_ms)}


def listed_quota_shares(queue: Queue, at_ms: int) -> Document:
    """Return an answer of list-quota-shares, as it was at `at_ms`."""
    shares = [_quota_share(queue, share, at_ms) for share in queue.shares]
    return {"quotaShares": shares, **_metadata(at_ms)}


def _policy(queue: Queue) -> Document:
    policy: Document = {
        "name": f"{queue.name}-policy",
        "arn": _policy_arn(queue),
        "tags": DEMO_TAGS,
    }
    if queue.has_quotas:
        return policy | {"quotaSharePolicy": {"idleResourceAssignmentStrategy": "FIFO"}}
    return policy | {
        "fairsharePolicy": {
            "shareDecaySeconds": queue.decay_s,
            "computeReservation": 0,
            "shareDistribution": [
                {"shareIdentifier": share.name, "weightFactor": float(share.weight)}
                for share in queue.shares
            ],
        }
    }


def _quota_share(queue: Queue, share: Share, at_ms: int) -> Document:
    sharing: Document = {"strategy": "RESERVE"}
    if at_ms >= CHANGED_MS:
        sharing = {"strategy": "LEND_AND_BORROW", "borrowLimit": -1}
    preemption = "ENABLED" if share.has_in_share_preemption else "DISABLED"
    return {
        "quotaShareName": share.name,
        "quotaShareArn": f"{_queue_arn(queue)}/quota-share/{share.name}",
        "jobQueueArn": _queue_arn(queue),
        "capacityLimits": [{"maxCapacity": share.quota, "capacityUnit": queue.instance_type}],
        "resourceSharingConfiguration": sharing,
        "preemptionConfiguration": {"inSharePreemption": preemption},
        "state": "ENABLED",
        "status": "VALID",
    }


def _queue_arn(queue: Queue) -> str:
    return f"{ARN}:job-queue/{queue.name}"


def _environment_arn(queue: Queue) -> str:
    return f"{ARN}:service-environment/{queue.name}-capacity"


def _policy_arn(queue: Queue) -> str:
    return f"{ARN}:scheduling-policy/{queue.name}-policy"


def _metadata(at_ms: int) -> Document:
    date = format_datetime(datetime.fromtimestamp(at_ms // 1000, UTC), usegmt=True)
    return {
        "ResponseMetadata": {
            "RequestId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"demo:{at_ms}")),
            "HTTPStatusCode": 200,
            "HTTPHeaders": {"date": date, "content-type": "application/json"},
            "RetryAttempts": 0,
        }
    }
