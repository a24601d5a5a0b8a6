"""The words that AWS uses of training jobs: each in its own spelling."""

from data.files.known_types import known_types
from data.files.mapping_schema import CHANNEL_MODES, STATUSES

SECONDARY_STATUSES = (
    "Starting", "LaunchingMLInstances", "PreparingTrainingStack", "PreparingTraining", "Pending",
    "Downloading", "DownloadingTrainingImage", "Training", "Uploading", "Stopping", "Stopped",
    "MaxRuntimeExceeded", "MaxWaitTimeExceeded", "Interrupted", "Updating", "Restarting",
    "Completed", "Failed",
)  # fmt: skip
POOL_STATUSES = ("Available", "Terminated", "Reused", "InUse")


def known_words() -> dict[str, list[str]]:
    """Return the words by the names of the query's parameters."""
    return {
        "statuses": list(STATUSES),
        "secondary_statuses": list(SECONDARY_STATUSES),
        "pool_statuses": list(POOL_STATUSES),
        "input_modes": list(CHANNEL_MODES),
        "instance_types": list(known_types()),
    }
