"""What the Shares page calls shares, queues and units, of which some have no name."""

from typing import Any

from pages.kit import formats

NO_SHARE, NO_QUEUE, UNASSIGNED = "no share", "no queue", "no share's own"
UNITS = {"instances": "Instance-hours", "accelerators": "Accelerator-hours"}


def share_label(name: Any) -> str:
    """Return how people read the name of a share.

    >>> share_label("research"), share_label(None), share_label("unassigned")
    ('research', 'no share', "no share's own")
    """
    if formats.is_unknown(name):
        return NO_SHARE
    return UNASSIGNED if name == "unassigned" else str(name)


def queue_label(name: Any) -> str:
    """Return how people read the name of a queue."""
    return NO_QUEUE if formats.is_unknown(name) else str(name)
