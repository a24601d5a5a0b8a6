"""The fields that are read from a service job record, in AWS's spelling and nesting."""

from typing import Any

from data.datasets.answers import JSON, TEXT

_RESOURCE = {"name": TEXT, "value": TEXT}
_ATTEMPT = {
    "serviceResourceId": _RESOURCE,
    "startedAt": TEXT,
    "stoppedAt": TEXT,
    "statusReason": TEXT,
}

RECORD: dict[str, Any] = {
    "jobId": TEXT,
    "jobArn": TEXT,
    "jobName": TEXT,
    "jobQueue": TEXT,
    "shareIdentifier": TEXT,
    "quotaShareName": TEXT,
    "schedulingPriority": TEXT,
    "status": TEXT,
    "statusReason": TEXT,
    "createdAt": TEXT,
    "scheduledAt": TEXT,
    "startedAt": TEXT,
    "stoppedAt": TEXT,
    "capacityUsage": [{"capacityUnit": TEXT, "quantity": TEXT}],
    "latestAttempt": {"serviceResourceId": _RESOURCE},
    "attempts": [_ATTEMPT],
    "preemptionSummary": {
        "preemptedAttemptCount": TEXT,
        "recentPreemptedAttempts": [_ATTEMPT],
    },
    "preemptionConfiguration": {"preemptionRetriesBeforeTermination": TEXT},
    "retryStrategy": {"attempts": TEXT},
    "isTerminated": TEXT,
    "serviceRequestPayload": TEXT,
    "tags": JSON,
}
