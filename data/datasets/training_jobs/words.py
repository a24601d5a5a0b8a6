"""The words that AWS uses of training jobs: each in its own spelling."""

import csv
import io
from functools import cache
from importlib.resources import files

STATUSES = ("InProgress", "Completed", "Failed", "Stopping", "Stopped", "Deleting")
SECONDARY_STATUSES = (
    "Starting", "LaunchingMLInstances", "PreparingTrainingStack", "PreparingTraining", "Pending",
    "Downloading", "DownloadingTrainingImage", "Training", "Uploading", "Stopping", "Stopped",
    "MaxRuntimeExceeded", "MaxWaitTimeExceeded", "Interrupted", "Updating", "Restarting",
    "Completed", "Failed",
)  # fmt: skip
POOL_STATUSES = ("Available", "Terminated", "Reused", "InUse")
INPUT_MODES = ("File", "FastFile", "Pipe", "FSxLustre", "EFS")


@cache
def known_types() -> tuple[str, ...]:
    """Return the instance types whose specification comes with Stoker."""
    text = (files("data") / "reference" / "instance_specs.csv").read_text(encoding="utf-8")
    return tuple(row["instance_type"] for row in csv.DictReader(io.StringIO(text)))


def known_words() -> dict[str, list[str]]:
    """Return the words by the names of the query's parameters."""
    return {
        "statuses": list(STATUSES),
        "secondary_statuses": list(SECONDARY_STATUSES),
        "pool_statuses": list(POOL_STATUSES),
        "input_modes": list(INPUT_MODES),
        "instance_types": list(known_types()),
    }
