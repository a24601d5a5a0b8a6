"""The dataset of quota shares: answers of list-quota-shares and describe-quota-share."""

from data.datasets.answers import TEXT, Answer
from data.datasets.dataset import Head
from data.datasets.observation import observation

QUOTA_SHARES = Answer(
    what="a quota share of AWS Batch",
    command="aws batch list-quota-shares",
    wrappers=("quotaShares",),
    record_kind=lambda document: (
        "describe"
        if "quotaShareArn" in document or document.keys() >= {"quotaShareName", "capacityLimits"}
        else None
    ),
    record={
        "quotaShareName": TEXT,
        "quotaShareArn": TEXT,
        "jobQueueArn": TEXT,
        "capacityLimits": [{"maxCapacity": TEXT, "capacityUnit": TEXT}],
        "resourceSharingConfiguration": {"strategy": TEXT, "borrowLimit": TEXT},
        "preemptionConfiguration": {"inSharePreemption": TEXT},
        "state": TEXT,
        "status": TEXT,
    },
    package="data.datasets.quota_shares",
    sql="aws_json.sql",
)


def _is_own(head: Head) -> bool:
    # a snapshot of a queue has a key of that name as well
    is_snapshot = bool(head.names & {"frontofqueue", "frontofquotashares", "queueutilization"})
    return bool(head.names & {"quotasharearn", "quotashares"}) and not is_snapshot


DATASET = observation(
    "quota_shares",
    "quota shares",
    QUOTA_SHARES,
    table="quota_share_records",
    required=("queue_name", "share_name"),
    is_own=_is_own,
)
