"""What a declaration of a table and of a column says: everything else is made from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

UNITS: Mapping[str, str] = {
    "_usd_per_h": "USD/h",
    "_usd_per_month": "USD per month",
    "_h_per_month": "h per month",
    "_usd": "USD",
    "_ms": "ms",
    "_s": "s",
    "_h": "h",
    "_days": "days",
    "_gib": "GiB",
    "_mib": "MiB",
    "_gb": "GB",
    "_pct": "%",
    "_ratio": "ratio, 0 to 1",
    "_count": "count",
    "_at": "instant, UTC",
    "_date": "day",
}
"""The unit that the end of a column's name stands for; the longest that fits counts."""

LONGEST_FIRST = sorted(UNITS, key=len, reverse=True)


class Merge(Enum):
    """Which of several values of one field the store keeps."""

    KEY = "part of the natural key"
    NEWEST = "the newest value that is not null"
    LONGEST = "the list with most entries, then the newest"
    UNION = "every entry that any record lists, each of its fields the newest that is not null"
    FURTHEST = "the value furthest in the field's stages, then the newest"
    RECORD = "describes the record itself; taken from the newest record"
    PROVENANCE = "says which import brought the record; taken from the newest record"
    STORE = "kept by the store itself; no record brings it"


class Kind(Enum):
    """How the values of a column are written on screen."""

    TEXT = "text"
    CODE = "a code value: its label is in analytics/vocabulary.py"
    COUNT = "whole number"
    NUMBER = "number"
    SECONDS = "seconds"
    HOURS = "stored in seconds, shown in hours"
    USD = "US dollars"
    PRICE = "US dollars, four decimals"
    FINE = "number, four decimals: of amounts that are small for their unit"
    RATIO = "0 to 1, shown in per cent"
    MOMENT = "instant, UTC"
    DAY = "day"
    FLAG = "yes or no"


@dataclass(frozen=True, slots=True)
class Column:
    """One column, whichever tables and queries have it: its name means one thing everywhere.

    `type` is DuckDB's. `description` says what it holds, in a few words without a full stop;
    `aws_field` is AWS's own name for it. `heading` (with the unit) and `kind` are for the screen.
    """

    name: str
    type: str
    description: str
    heading: str = ""
    kind: Kind = Kind.TEXT
    aws_field: str = ""

    @property
    def unit(self) -> str:
        """The unit, read off the end of the name; empty where there is none."""
        return next((UNITS[end] for end in LONGEST_FIRST if self.name.endswith(end)), "")

    @property
    def comment(self) -> str:
        """The description with the unit and AWS's own name: what the schema says of the column.

        >>> Column("gap_s", "double", "Idle time before the job", aws_field="Gap").comment
        'Idle time before the job (s; AWS: Gap)'
        """
        aws = f"AWS: {self.aws_field}" if self.aws_field else ""
        unit = self.unit
        if unit == UNITS["_count"]:
            unit = ""
        notes = "; ".join(note for note in (unit, aws) if note)
        return f"{self.description} ({notes})" if notes else self.description


@dataclass(frozen=True, slots=True)
class Field:
    """A column as one table has it."""

    column: Column
    is_required: bool = False
    merge: Merge = Merge.NEWEST
    type: str = ""
    """DuckDB's type, where this table has it in another than the column's own."""
    stages: tuple[tuple[str, ...], ...] = ()
    """The values that follow each other, for `Merge.FURTHEST`; those of one stage are equals."""
    entry_key: str = ""
    """SQL that tells the entries of a list apart, for `Merge.UNION`; null drops an `entry`."""
    entry_order: str = ""
    """SQL that orders the entries of a list, for `Merge.UNION`."""

    @property
    def sql_type(self) -> str:
        """The type in this table."""
        return self.type or self.column.type


@dataclass(frozen=True, slots=True)
class Table:
    """One table: what a row is, and its columns in order."""

    name: str
    description: str
    fields: tuple[Field, ...]
    is_derived: bool = False
    """Whether it is computed after a merge (analytics/derived), and not merged from records."""
    select: str = ""
    """The SELECT of a view; a table of its own has none."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns, in order."""
        return tuple(field.column.name for field in self.fields)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the natural key."""
        return self.merged_by(Merge.KEY)

    @property
    def record_names(self) -> tuple[str, ...]:
        """The columns that a record brings: all but provenance and what the store keeps."""
        return tuple(
            field.column.name
            for field in self.fields
            if field.merge not in (Merge.PROVENANCE, Merge.STORE)
        )

    def merged_by(self, merge: Merge) -> tuple[str, ...]:
        """Return the columns that merge in one way, in order."""
        return tuple(field.column.name for field in self.fields if field.merge is merge)
