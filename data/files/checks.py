"""Why a row of a file is rejected, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from data.files.known_types import known_types
from data.files.mapping import Rule
from data.files.relation import Form
from data.files.rules import Value, local_time
from data.files.target import Check, Target
from data.files.values import (
    CODES,
    DURATIONS,
    EARLIEST_YEAR,
    LATEST_YEAR,
    MAY_BE_NEGATIVE,
    NUMERIC,
    ValueKind,
    ceiling,
)
from data.tables.quoting import literal, literals

LONGEST_QUOTED = 80

_SAY_UNKNOWN = "if it means unknown, name it in null_values in a mapping."
_ACTIONS = {
    ValueKind.INSTANT: (
        "Write times as ISO 8601 with Z or an offset, or epoch numbers; " + _SAY_UNKNOWN
    ),
    ValueKind.DAY: "Write days as 2026-07-01; " + _SAY_UNKNOWN,
    ValueKind.BOOLEAN: "Write true or false; " + _SAY_UNKNOWN,
    ValueKind.INPUT_MODE: (
        "Write File, FastFile, Pipe, FSxLustre, EFS, mixed or none,"
        " or translate the words with `values` in a mapping."
    ),
    ValueKind.STATUS: (
        "Write InProgress, Completed, Failed, Stopping or Stopped, or translate the words with"
        " `values` in a mapping."
    ),
    ValueKind.INSTANCE_TYPE: (
        "Correct the type; if it is newer than this list, say so with `values` in a mapping,"
        ' such as values = { "ml.new.large" = "ml.new.large" }.'
    ),
    ValueKind.TEXT: (
        "Name a field of it in a mapping, as a.b, or take a part of it out with `pattern`."
    ),
    ValueKind.GROUPS: "Write them as ml.p4d.24xlarge x1 + ml.c5.18xlarge x2.",
}
_NUMBER_ACTION = "Correct the number; " + _SAY_UNKNOWN
_DURATION_ACTION = (
    "Write seconds, or a duration such as 1-02:03:04, 02:03:04, 1h2m3s or PT1H2M3S; " + _SAY_UNKNOWN
)
_SKIPPED_ACTION = (
    "Clocks went forward over it: check time_zone, or write times with Z or an offset."
)
LEAST_LIKENESS = 0.85
_UNIT_ACTION = "Check its unit: a mapping can convert it with scale; " + _SAY_UNKNOWN
_ZONE_ACTION = (
    'Give a mapping with time_zone = "UTC", or the zone in which the file was written,'
    " or write times with Z or an offset."
)
_ORDER_ACTION = (
    "Check the clock and the time zone of whatever wrote the file, and which columns are mapped."
)


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A canonical column that the file has: v_<name> is its value, <name> its typed form."""

    name: str
    kind: ValueKind
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


def checks(
    target: Target, columns: list[ReadColumn], *, has_zone: bool, skipped: Mapping[str, str]
) -> list[Check]:
    """Return the checks of a file with these columns, in the order in which they are told.

    `skipped` has SQL that is true of a column's local times that do not exist.
    """
    names = {column.name for column in columns}
    # of a column that may hold a misfit, that comes first: it is why the value is missing
    texts = [name for name in target.required if target.kinds[name] is ValueKind.TEXT]
    others = [name for name in target.required if target.kinds[name] is not ValueKind.TEXT]
    found = [
        Check("fault is not null", "fault", "Correct the line in the file, or export it again."),
        *(_missing(target, name) for name in texts),
    ]
    for column in columns:
        found += _misfits(column, has_zone=has_zone)
        if column.name in skipped:
            reason = f"{column.quoted(column.value.text)} || ' does not exist in its time zone.'"
            found.append(Check(skipped[column.name], reason, _SKIPPED_ACTION))
    found += [_missing(target, name) for name in others]
    for column in columns:
        found += _ranges(column)
    found += [
        Check(f"{later} < {earlier}", f"'{later} is before {earlier}.'", _ORDER_ACTION)
        for earlier, later in target.in_order
        if {later, earlier} <= names
    ]
    return found + [check for check in target.checks if names.issuperset(check.about)]


def _missing(target: Target, name: str) -> Check:
    advice = target.advice.get(name, f"Export it, or map another column as {name}.")
    return Check(f"{name} is null", f"'The row has no {name}.'", advice)


def _misfits(column: ReadColumn, *, has_zone: bool) -> list[Check]:
    """Return checks for values that do not fit their type."""
    found: list[Check] = []
    text = column.value.text
    is_lost = f"v_{column.name} is not null and {column.name} is null"
    if column.kind is ValueKind.INSTANT:
        if column.rule.plus_s:
            found.append(
                Check(
                    f"q_{column.name} is not null",
                    f"{column.quoted(f'q_{column.name}')} || ' is not a duration.'",
                    _DURATION_ACTION,
                )
            )
            is_lost = f"v_{column.name} is not null and b_{column.name} is null"
        local = local_time(column.value, column.rule)
        if not has_zone and local is not None:
            found.append(
                Check(
                    f"{is_lost} and ({local}) is not null",
                    f"{column.quoted(text)} || ' has no offset, and no time_zone is given.'",
                    _ZONE_ACTION,
                )
            )
    if _always_fits(column):
        return found
    expected = column.kind.value
    is_duration = column.kind in DURATIONS
    found.append(
        Check(
            f"{is_lost} and not is_missing_word({text})",
            f"{column.quoted(text)} || ' is not {expected}.'{_near(column.kind, text)}",
            _ACTIONS.get(column.kind, _DURATION_ACTION if is_duration else _NUMBER_ACTION),
        )
    )
    return found


def _near(kind: ValueKind, text: str) -> str:
    """Return SQL that adds the values that may be meant."""
    if kind not in CODES:
        return ""
    near = f"near_status({text})"
    if kind is ValueKind.INPUT_MODE:
        modes = "['File', 'FastFile', 'Pipe', 'FSxLustre', 'EFS']"
        near = f"near_word({text}, {modes}, {LEAST_LIKENESS})"
    if kind is ValueKind.INSTANCE_TYPE:
        spelled = f"regexp_replace(lower({text}), '^(ml[._ -])?', 'ml.')"
        near = f"near_word({spelled}, [{literals(known_types())}], {LEAST_LIKENESS})"
    return f" || did_you_mean({near})"


def _always_fits(column: ReadColumn) -> bool:
    """Whether the file's own type leaves no value that does not fit."""
    match column.kind:
        case ValueKind.TEXT:
            return column.form not in (Form.NESTED, Form.BINARY, Form.JSON_TEXT)
        case ValueKind.INSTANT:
            return column.form in (Form.INSTANT, Form.LOCAL_TIME)
        case ValueKind.BOOLEAN:
            return column.form is Form.BOOLEAN
        case ValueKind.NUMBER | ValueKind.SIGNED_NUMBER | ValueKind.RATIO | ValueKind.DURATION:
            return column.form is Form.INTEGER
    return False


def _ranges(column: ReadColumn) -> list[Check]:
    """Return checks for values that are too small or too large."""
    name, shown = column.name, column.quoted(column.value.text)
    if column.kind in (ValueKind.INSTANT, ValueKind.DAY):
        in_calendar = f"in_calendar({name})"
        years = f"between the years {EARLIEST_YEAR} and {LATEST_YEAR}"
        return [
            Check(f"not {in_calendar}", f"{shown} || ' is not {years}.'", _ACTIONS[column.kind])
        ]
    if column.kind not in NUMERIC:
        return []
    if column.kind is ValueKind.RATIO:
        advice = "If it is a percentage, map the column with scale = 0.01."
        return [Check(f"{name} < 0 or {name} > 1", f"{shown} || ' is not from 0 to 1.'", advice)]
    most = ceiling(name)
    found = [Check(f"abs({name}) > {most}", f"{shown} || ' is more than {most:,}.'", _UNIT_ACTION)]
    if column.kind is ValueKind.POSITIVE_COUNT:
        found.insert(0, Check(f"{name} < 1", f"{shown} || ' is less than 1.'", _NUMBER_ACTION))
    elif column.kind not in MAY_BE_NEGATIVE:
        found.insert(0, Check(f"{name} < 0", f"{shown} || ' is negative.'", _NUMBER_ACTION))
    return found
