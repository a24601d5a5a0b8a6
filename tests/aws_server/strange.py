"""What botocore's model does not know yet: statuses and fields of an AWS of later years."""

from typing import Any
from zlib import crc32

from tests.aws_server.knobs import Knobs

UNKNOWN_STATUS = "Hibernating"
NEW_FIELD = {"Kind": "later", "Values": [1, 2, 3]}
_STATUSES = ("TrainingJobStatus", "SecondaryStatus")


def make_strange(value: Any, knobs: Knobs) -> Any:
    """Return an answer as an AWS would give it that has moved on since."""
    if not knobs.unknown_status_every and not knobs.new_fields:
        return value
    if isinstance(value, list):
        return [make_strange(item, knobs) for item in value]
    if not isinstance(value, dict):
        return value
    strange = {name: make_strange(part, knobs) for name, part in value.items()}
    if knobs.new_fields:
        strange["NewFieldOf2028"] = NEW_FIELD
    if is_strange(value.get("TrainingJobName"), knobs):
        strange |= dict.fromkeys(_STATUSES, UNKNOWN_STATUS)
    if is_strange(value.get("jobId"), knobs):
        strange["status"] = UNKNOWN_STATUS.upper()
    return strange


def is_strange(name: Any, knobs: Knobs) -> bool:
    """Whether a job is one of those with unknown statuses."""
    every = knobs.unknown_status_every
    return bool(every) and isinstance(name, str) and crc32(name.encode()) % every == 0
