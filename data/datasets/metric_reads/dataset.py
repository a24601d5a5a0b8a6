"""The dataset of metric reads: `stoker sync` lands what it read of a job, as a read costs money."""

from data.datasets.dataset import Dataset, Head, WritePolicy
from data.files.target import target
from data.tables import TABLES

REQUIRED = ("account_id", "region", "job_name", "read_from", "read_until", "is_complete")


def _is_recognised(head: Head) -> bool:
    return head.names.issuperset(REQUIRED)


DATASET = Dataset(
    kind="metric_reads",
    label="metric reads",
    target=target(TABLES["metric_read_records"], required=REQUIRED),
    policy=WritePolicy.REPLACE,
    is_recognised=_is_recognised,
    time_column="read_until",
)
