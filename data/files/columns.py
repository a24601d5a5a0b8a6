"""The columns that a job export may have, and what kind of value each holds."""

from enum import Enum

from data.datasets.training_jobs.record import COLUMNS, Column


class Kind(Enum):
    """What the values of an export's column are."""

    TEXT = "text"
    LIST = "texts separated by commas"
    GROUPS = "instance groups"
    INSTANT = "a time"
    COUNT = "a whole number"
    POSITIVE_COUNT = "a whole number of 1 or more"
    INTEGER = "a whole number, negative too"
    SECONDS = "a number of seconds"
    NUMBER = "a number"
    RATIO = "a number from 0 to 1"
    BOOLEAN = "true or false"
    INPUT_MODE = "an input mode"


NUMERIC = frozenset(
    {
        Kind.COUNT,
        Kind.POSITIVE_COUNT,
        Kind.INTEGER,
        Kind.SECONDS,
        Kind.NUMBER,
        Kind.RATIO,
    }
)

# of the columns of `jobs`, those that Stoker works out itself
COMPUTED = frozenset(
    {
        "eligibility",
        "outcome",
        "miss_reason",
        "evidence",
        "donor_job_name",
        "gap_s",
        "retained_cost_usd",
        "list_cost_usd",
    }
)

# what only AWS's own JSON has, or a reader says of its own record
NOT_READ = frozenset(
    {
        "record_kind",
        "input_seq",
        "input_channels",
        "status_transitions",
        "final_metrics",
        "tags",
    }
)

REQUIRED = ("job_name", "created_at")


def _kind(name: str, column: Column) -> Kind:
    match column.type:
        case "timestamptz":
            return Kind.INSTANT
        case "boolean":
            return Kind.BOOLEAN
        case "varchar[]":
            return Kind.LIST
        case "varchar":
            return Kind.INPUT_MODE if name == "input_mode" else Kind.TEXT
        case "bigint" if name.endswith("_s"):
            return Kind.SECONDS
        case "bigint":
            return Kind.INTEGER if name == "scheduling_priority" else Kind.COUNT
        case "double":
            return Kind.RATIO if name.endswith("_ratio") else Kind.NUMBER
    return Kind.GROUPS


EXPORT_COLUMNS: dict[str, Kind] = {
    **{name: _kind(name, column) for name, column in COLUMNS.items() if name not in NOT_READ},
    # these two become `instance_groups`
    "instance_type": Kind.TEXT,
    "instance_count": Kind.POSITIVE_COUNT,
}
