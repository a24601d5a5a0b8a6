"""Answers as AWS Batch gives them, by botocore's shapes, for tests to import."""

from datetime import timedelta
from typing import Any

from tests.conftest import T0

ACCOUNT, REGION = "123456789012", "us-east-1"
QUEUE = f"arn:aws:batch:{REGION}:{ACCOUNT}:job-queue/gpus"
POLICY = f"arn:aws:batch:{REGION}:{ACCOUNT}:scheduling-policy/by-team"
ENVIRONMENT = f"arn:aws:batch:{REGION}:{ACCOUNT}:service-environment/p4d"


def ms(seconds: float) -> int:
    """Return an instant `seconds` after T0, as Batch writes it."""
    return round((T0.timestamp() + seconds) * 1000)


def job_arn(job_id: str) -> str:
    return f"arn:aws:batch:{REGION}:{ACCOUNT}:service-job/{job_id}"


def training_arn(name: str) -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/{name}"


def resource(name: str) -> dict[str, str]:
    return {"name": "TrainingJobArn", "value": training_arn(name)}


def attempt(
    name: str, started: float | None = None, stopped: float | None = None, reason: str | None = None
) -> dict[str, Any]:
    """Return an attempt; times are seconds after T0."""
    found: dict[str, Any] = {"serviceResourceId": resource(name)}
    if started is not None:
        found["startedAt"] = ms(started)
    if stopped is not None:
        found["stoppedAt"] = ms(stopped)
    if reason is not None:
        found["statusReason"] = reason
    return found


def preempted(count: int, *recent: dict[str, Any]) -> dict[str, Any]:
    return {"preemptedAttemptCount": count, "recentPreemptedAttempts": list(recent)}


def summary(job_id: str, **fields: Any) -> dict[str, Any]:
    """Return an entry of a list-service-jobs answer; a field of None is left out."""
    job = {
        "jobId": job_id,
        "jobName": f"train-{job_id}",
        "jobArn": job_arn(job_id),
        "serviceJobType": "SAGEMAKER_TRAINING",
        "createdAt": ms(0),
        "status": "RUNNABLE",
        "shareIdentifier": "vision",
        **fields,
    }
    return {key: value for key, value in job.items() if value is not None}


def described(job_id: str, **fields: Any) -> dict[str, Any]:
    """Return a describe-service-job answer of a job that waits; a field of None is left out."""
    return summary(
        job_id,
        **{
            "jobQueue": QUEUE,
            "startedAt": 0,
            "attempts": [],
            "schedulingPriority": 10,
            "retryStrategy": {"attempts": 1, "evaluateOnExit": []},
            "isTerminated": False,
            "tags": {},
            **fields,
        },
    )


def event(job: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Return the EventBridge event of a job's state: without tags and request."""
    left_out = ("tags", "serviceRequestPayload")
    return {
        "version": "0",
        "id": f"{job['jobId']}-{seconds}",
        "detail-type": "Batch Service Job State Change",
        "source": "aws.batch",
        "account": ACCOUNT,
        "time": (T0 + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [job_arn(job["jobId"])],
        "detail": {key: value for key, value in job.items() if key not in left_out},
    }


def queue(**fields: Any) -> dict[str, Any]:
    return {
        "jobQueueName": "gpus",
        "jobQueueArn": QUEUE,
        "state": "ENABLED",
        "status": "VALID",
        "priority": 7,
        "schedulingPolicyArn": POLICY,
        "computeEnvironmentOrder": [],
        "serviceEnvironmentOrder": [{"order": 1, "serviceEnvironment": ENVIRONMENT}],
        "jobQueueType": "SAGEMAKER_TRAINING",
        "tags": {},
        **fields,
    }


def environment(**fields: Any) -> dict[str, Any]:
    return {
        "serviceEnvironmentName": "p4d",
        "serviceEnvironmentArn": ENVIRONMENT,
        "serviceEnvironmentType": "SAGEMAKER_TRAINING",
        "state": "ENABLED",
        "status": "VALID",
        "capacityLimits": [{"maxCapacity": 100, "capacityUnit": "NUM_INSTANCES"}],
        **fields,
    }


def fair_share_policy(**fields: Any) -> dict[str, Any]:
    return {
        "name": "by-team",
        "arn": POLICY,
        "fairsharePolicy": {
            "shareDecaySeconds": 3600,
            "computeReservation": 10,
            "shareDistribution": [
                {"shareIdentifier": "vision", "weightFactor": 0.5},
                {"shareIdentifier": "speech*"},
            ],
        },
        **fields,
    }


def quota_policy() -> dict[str, Any]:
    return {
        "name": "quotas",
        "arn": POLICY.replace("by-team", "quotas"),
        "quotaSharePolicy": {"idleResourceAssignmentStrategy": "FIFO"},
    }


def quota_share(name: str = "vision", capacity: int = 60, **fields: Any) -> dict[str, Any]:
    return {
        "quotaShareName": name,
        "quotaShareArn": f"{QUEUE}/quota-share/{name}",
        "jobQueueArn": QUEUE,
        "capacityLimits": [{"maxCapacity": capacity, "capacityUnit": "ml.p4d.24xlarge"}],
        "resourceSharingConfiguration": {"strategy": "LEND_AND_BORROW", "borrowLimit": 50},
        "preemptionConfiguration": {"inSharePreemption": "ENABLED"},
        "state": "ENABLED",
        "status": "VALID",
        **fields,
    }


def snapshot(seconds: float = 0, **fields: Any) -> dict[str, Any]:
    """Return a get-job-queue-snapshot answer: like AWS's, without the name of the queue."""
    waiting = [{"jobArn": job_arn("a"), "earliestTimeAtPosition": ms(-60)}]
    usage = [{"capacityUnit": "ml.p4d.24xlarge", "quantity": 75.0}]
    return {
        "frontOfQueue": {"jobs": waiting, "lastUpdatedAt": ms(seconds)},
        "frontOfQuotaShares": {"quotaShares": {"vision": waiting}, "lastUpdatedAt": ms(seconds)},
        "queueUtilization": {
            "totalCapacityUsage": usage,
            "fairshareUtilization": {"activeShareCount": 0, "topCapacityUtilization": []},
            "quotaShareUtilization": {
                "topCapacityUtilization": [{"quotaShareName": "vision", "capacityUsage": usage}]
            },
            "lastUpdatedAt": ms(seconds),
        },
        **fields,
    }
