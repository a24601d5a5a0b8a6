"""What the values of a file's column are, once read: kinds of value, and how large they may be."""

from enum import Enum

from data.tables.declaration import Field


class ValueKind(Enum):
    """What the values of a column are."""

    TEXT = "text"
    LIST = "texts separated by commas"
    GROUPS = "instance groups"
    INSTANT = "a time"
    DAY = "a day"
    COUNT = "a whole number"
    POSITIVE_COUNT = "a whole number of 1 or more"
    INTEGER = "a whole number, negative too"
    SECONDS = "a duration"
    DURATION = "a duration in seconds"
    NUMBER = "a number"
    SIGNED_NUMBER = "a number, negative too"
    RATIO = "a number from 0 to 1"
    BOOLEAN = "true or false"
    INPUT_MODE = "an input mode"
    STATUS = "a status"
    INSTANCE_TYPE = "an instance type"


NUMERIC = frozenset(
    {
        ValueKind.COUNT,
        ValueKind.POSITIVE_COUNT,
        ValueKind.INTEGER,
        ValueKind.SECONDS,
        ValueKind.DURATION,
        ValueKind.NUMBER,
        ValueKind.SIGNED_NUMBER,
        ValueKind.RATIO,
    }
)
DURATIONS = frozenset({ValueKind.SECONDS, ValueKind.DURATION})
# of these only some values are known: any other is asked about, or rejected
CODES = frozenset({ValueKind.INPUT_MODE, ValueKind.STATUS, ValueKind.INSTANCE_TYPE})
MAY_BE_NEGATIVE = frozenset({ValueKind.INTEGER, ValueKind.SIGNED_NUMBER})

# so that no sum or product of what is accepted leaves its type
LONGEST_S = 100 * 366 * 86_400
LONGEST_KEEP_ALIVE_S = 366 * 86_400
EARLIEST_YEAR, LATEST_YEAR = 1900, 2199
_CEILINGS = (
    ("keep_alive_period_s", LONGEST_KEEP_ALIVE_S),
    ("instance_count", 1_000_000),
    ("_usd_per_h", 1_000_000),
    ("_usd", 10**12),
    ("_count", 10**9),
    ("_ms", LONGEST_S * 1000),
    ("_s", LONGEST_S),
    ("", 10**15),
)


def ceiling(name: str) -> int:
    """Return the largest amount that a column may hold.

    >>> ceiling("keep_alive_period_s") < ceiling("billable_s") < ceiling("input_seq")
    True
    """
    return next(most for end, most in _CEILINGS if name.endswith(end))


def value_kind(field: Field) -> ValueKind | None:
    """Return what the values of a declared column are; None for what no text stands for."""
    name = field.column.name
    match field.sql_type:
        case "timestamptz":
            return ValueKind.INSTANT
        case "date":
            return ValueKind.DAY
        case "boolean":
            return ValueKind.BOOLEAN
        case "varchar[]":
            return ValueKind.LIST
        case "varchar":
            return ValueKind.TEXT
        case "bigint" | "integer":
            return ValueKind.SECONDS if name.endswith("_s") else ValueKind.COUNT
        case "double":
            if name.endswith("_s"):
                return ValueKind.DURATION
            return ValueKind.RATIO if name.endswith("_ratio") else ValueKind.NUMBER
    return None
