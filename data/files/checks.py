"""Why a row of an export is rejected, and what to do about it."""

from dataclasses import dataclass

from data.files.columns import NUMERIC, Kind
from data.files.mapping import Rule
from data.files.relation import Form
from data.files.rules import Value
from data.tables.quoting import literal

LONGEST_QUOTED = 80

_SAY_UNKNOWN = "if it means unknown, name it in null_values in a mapping."
_ACTIONS = {
    Kind.INSTANT: "Write times as ISO 8601 with Z or an offset, or epoch numbers; " + _SAY_UNKNOWN,
    Kind.BOOLEAN: "Write true or false; " + _SAY_UNKNOWN,
    Kind.INPUT_MODE: (
        "Write File, FastFile, Pipe, FSxLustre, EFS, mixed or none,"
        " or translate the words with `values` in a mapping."
    ),
    Kind.GROUPS: "Write them as ml.p4d.24xlarge x1 + ml.c5.18xlarge x2.",
}
_NUMBER_ACTION = "Correct the number; " + _SAY_UNKNOWN
_ZONE_ACTION = (
    'Give a mapping with time_zone = "UTC", or the zone in which the file was written,'
    " or write times with Z or an offset."
)
_ORDER_ACTION = (
    "Check the clock and the time zone of whatever wrote the file, and which columns are mapped."
)


@dataclass(frozen=True, slots=True)
class Check:
    """SQL that is true of a bad row, SQL for the reason, and the next action."""

    is_bad: str
    reason: str
    next_action: str


@dataclass(frozen=True, slots=True)
class Given:
    """A canonical column that the file has: v_<name> is its value, <name> its typed form."""

    name: str
    kind: Kind
    rule: Rule
    form: Form

    @property
    def value(self) -> Value:
        """The value before it is typed."""
        return Value(f"v_{self.name}", self.form)

    @property
    def label(self) -> str:
        """How a reason names the column."""
        sources = " or ".join((*self.rule.columns, *self.rule.fallback))
        return self.name if sources in ("", self.name) else f"{self.name} (from {sources})"

    def quoted(self, text: str) -> str:
        """Return SQL that names the column and quotes a text."""
        return (
            f"{literal(self.label)} || ' ''' ||"
            f" coalesce(left({text}, {LONGEST_QUOTED}), '') || ''''"
        )


def checks(columns: list[Given], *, has_zone: bool) -> list[Check]:
    """Return the checks of a file with these columns, in the order in which they are told."""
    names = {column.name for column in columns}
    found = [
        Check("fault is not null", "fault", "Correct the line in the file, or export it again."),
        Check(
            "job_name is null",
            "'The row has no job_name.'",
            "Export the name or id of each job, or map another column as job_name.",
        ),
    ]
    for column in columns:
        found += _misfits(column, has_zone=has_zone)
    found.append(
        Check(
            "created_at is null",
            "'The row has no created_at.'",
            "Export when each job was created; where another time stands for it, add `fallback`.",
        )
    )
    for column in columns:
        found += _ranges(column)
    return found + _order(names)


def _misfits(column: Given, *, has_zone: bool) -> list[Check]:
    """Return checks for values that do not fit their type."""
    found: list[Check] = []
    text = column.value.text
    is_lost = f"v_{column.name} is not null and {column.name} is null"
    if column.kind is Kind.INSTANT:
        if column.rule.plus_s:
            found.append(
                Check(
                    f"q_{column.name} is not null",
                    f"{column.quoted(f'q_{column.name}')} || ' is not a number of seconds.'",
                    _NUMBER_ACTION,
                )
            )
            is_lost = f"v_{column.name} is not null and b_{column.name} is null"
        if not has_zone and column.form in (Form.LOCAL_TIME, Form.TEXT):
            is_local = f" and is_local_time({text})" if column.form is Form.TEXT else ""
            found.append(
                Check(
                    is_lost + is_local,
                    f"{column.quoted(text)} || ' has no offset, and no time_zone is given.'",
                    _ZONE_ACTION,
                )
            )
    if _always_fits(column):
        return found
    expected = column.kind.value
    found.append(
        Check(
            f"{is_lost} and not is_missing_word({text})",
            f"{column.quoted(text)} || ' is not {expected}.'",
            _ACTIONS.get(column.kind, _NUMBER_ACTION),
        )
    )
    return found


def _always_fits(column: Given) -> bool:
    """Whether the file's own type leaves no value that does not fit."""
    match column.kind:
        case Kind.TEXT:
            return True
        case Kind.INSTANT:
            return column.form in (Form.INSTANT, Form.LOCAL_TIME)
        case Kind.BOOLEAN:
            return column.form is Form.BOOLEAN
        case Kind.NUMBER | Kind.RATIO:
            return column.form is Form.INTEGER
    return False


def _ranges(column: Given) -> list[Check]:
    if column.kind not in NUMERIC or column.kind is Kind.INTEGER:
        return []
    name, shown = column.name, column.quoted(column.value.text)
    if column.kind is Kind.RATIO:
        advice = "If it is a percentage, map the column with scale = 0.01."
        return [Check(f"{name} < 0 or {name} > 1", f"{shown} || ' is not from 0 to 1.'", advice)]
    if column.kind is Kind.POSITIVE_COUNT:
        return [Check(f"{name} < 1", f"{shown} || ' is less than 1.'", _NUMBER_ACTION)]
    return [Check(f"{name} < 0", f"{shown} || ' is negative.'", _NUMBER_ACTION)]


def _order(names: set[str]) -> list[Check]:
    """Return checks for times that contradict each other."""
    pairs = [
        ("training_ended_at", "training_started_at"),
        ("training_ended_at", "first_training_at"),
        *(
            (later, "created_at")
            for later in (
                "training_ended_at",
                "training_started_at",
                "first_training_at",
                "scheduled_at",
            )
        ),
    ]
    return [
        Check(f"{later} < {earlier}", f"'{later} is before {earlier}.'", _ORDER_ACTION)
        for later, earlier in pairs
        if {later, earlier} <= names
    ]
