"""The dataset of queue snapshots: answers of get-job-queue-snapshot.

An answer does not name its queue. `jobQueue` may be added to it, or the file be named after the
queue; where neither is, the jobs at its front tell, once they are imported.
"""

import re
from typing import Any

from data.datasets.answers import JSON, TEXT, Answer
from data.datasets.observation import observation
from data.raw.inputs import InputFile

_NAMED_AFTER_QUEUE = re.compile(r"(?:.*/)?([^/]+?)\.snapshot\.(?:.*\.)?jsonl?(?:\.gz)?")
_USAGE = [{"capacityUnit": TEXT, "quantity": TEXT}]
_KEYS = frozenset({"frontOfQueue", "frontOfQuotaShares", "queueUtilization"})


def _with_queue(file: InputFile, record: dict[str, Any]) -> dict[str, Any]:
    found = _NAMED_AFTER_QUEUE.fullmatch(file.name)
    if "jobQueue" in record or found is None:
        return record
    return {**record, "jobQueue": found[1]}


GET_JOB_QUEUE_SNAPSHOT = Answer(
    what="a snapshot of a job queue of AWS Batch",
    command="aws batch get-job-queue-snapshot",
    wrappers=(),
    record_kind=lambda document: "describe" if document.keys() & _KEYS else None,
    record={
        "jobQueue": TEXT,
        "frontOfQueue": {
            "jobs": [{"jobArn": TEXT, "earliestTimeAtPosition": TEXT}],
            "lastUpdatedAt": TEXT,
        },
        "frontOfQuotaShares": {"quotaShares": JSON, "lastUpdatedAt": TEXT},
        "queueUtilization": {
            "totalCapacityUsage": _USAGE,
            "fairshareUtilization": {
                "topCapacityUtilization": [{"shareIdentifier": TEXT, "capacityUsage": _USAGE}]
            },
            "quotaShareUtilization": {
                "topCapacityUtilization": [{"quotaShareName": TEXT, "capacityUsage": _USAGE}]
            },
            "lastUpdatedAt": TEXT,
        },
    },
    package="data.datasets.queue_snapshots",
    sql="aws_json.sql",
    prepare=_with_queue,
)

DATASET = observation(
    "queue_snapshots",
    "queue snapshots",
    GET_JOB_QUEUE_SNAPSHOT,
    table="queue_snapshot_records",
    required=("queue_name",),
    own_keys=tuple(key.lower() for key in _KEYS),
)
