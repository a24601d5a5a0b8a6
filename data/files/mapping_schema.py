"""What a mapping's TOML may say: every key is checked, and the one at fault is named."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
from pyarrow import compute

from data.errors import StokerError
from data.files.target import Target
from data.files.values import NUMERIC, ValueKind

UNITS = ("s", "ms", "us", "ns", "excel", "excel1904")
WHITESPACE = "whitespace"
CHANNEL_MODES = ("File", "FastFile", "Pipe", "FSxLustre", "EFS")
STATUSES = ("InProgress", "Completed", "Failed", "Stopping", "Stopped", "Deleting")
LARGEST_NUMBER = 1e18

_FORMAT_KEYS = (
    "delimiter",
    "header",
    "columns",
    "quote",
    "escape",
    "comment",
    "skip",
    "decimal",
    "rows",
)
_RULE_KEYS = (
    "column",
    "constant",
    "fallback",
    "null_values",
    "pattern",
    "values",
    "default",
    "unit",
    "scale",
    "plus_s",
)
_NEEDS = 'Write a column of the file, a list of columns, or a rule such as { constant = "main" }.'


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the parts of a mapping named `name`, whose columns are those of `target`."""

    name: str
    target: Target | None = None

    def refusal(self, key: str, what: str, next_action: str) -> StokerError:
        """Return an error that says what is wrong with a key."""
        return StokerError(f"The mapping {self.name}: {key} {what}.", next_action=next_action)

    def refuse_unknown(self, table: dict[str, Any], known: tuple[str, ...], path: str) -> None:
        """Refuse keys that mean nothing."""
        for key in table:
            if key not in known:
                raise self.refusal(
                    f"{path}{key}", "is not a valid key", f"The keys are {', '.join(known)}."
                )

    def table(self, document: dict[str, Any], key: str) -> dict[str, Any]:
        """Return a table of the document; an absent one is empty."""
        found = document.get(key, {})
        if not isinstance(found, dict):
            raise self.refusal(
                key, "is not a table", f"Write [{key}], and a line for each of its keys."
            )
        return found

    def kind(self, given: Any, known: Iterable[str], likeliest: str) -> str:
        """Return what the file is about."""
        if given is None:
            return likeliest
        if given not in known:
            raise self.refusal("kind", f"is {given!r}", f"Write one of {', '.join(known)}.")
        return str(given)

    def time_zone(self, given: Any) -> str | None:
        """Return the zone of times without an offset."""
        if given is None:
            return None
        try:
            if isinstance(given, str) and given != "localtime":
                return ZoneInfo(given).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
        raise self.refusal(
            "time_zone",
            f"is {given!r}, which is not a valid time zone",
            'Write a name such as "UTC", "Europe/Berlin" or "America/Los_Angeles".',
        )

    def file_format(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return the fields of a file format."""
        self.refuse_unknown(given, _FORMAT_KEYS, "format.")
        fields = dict(given)
        for key in ("delimiter", "quote", "escape", "comment"):
            if key in given:
                self._character(key, given[key])
        if not isinstance(given.get("header", True), bool):
            raise self.refusal(
                "format.header", "is not true or false", "Write header = false, or true."
            )
        if "columns" in given:
            fields["columns"] = self._texts("format.columns", given["columns"])
            if len(set(fields["columns"])) < len(fields["columns"]):
                raise self.refusal(
                    "format.columns", "names a column twice", "Give each its own name."
                )
        if given.get("decimal", ".") not in (".", ","):
            raise self.refusal(
                "format.decimal", f"is {given['decimal']!r}", 'Write decimal = ",", or ".".'
            )
        if not isinstance(given.get("rows", ""), str):
            raise self.refusal(
                "format.rows", f"is {given['rows']!r}", 'Write the key, such as rows = "items".'
            )
        skip = given.get("skip", 0)
        if not isinstance(skip, int) or isinstance(skip, bool) or skip < 0:
            raise self.refusal(
                "format.skip", f"is {skip!r}", "Write how many lines to leave out, 0 or more."
            )
        return fields

    def _character(self, key: str, given: Any) -> None:
        path = f"format.{key}"
        if key == "delimiter" and given == WHITESPACE:
            return
        if key == "quote" and given == "":
            return
        if not isinstance(given, str) or len(given) != 1 or given in "\r\n" or ord(given) > 126:
            raise self.refusal(path, f"is {given!r}", f'Write one character, such as {key} = "|".')

    def leave_out(self, column: str, given: Any) -> dict[str, Any]:
        """Return the fields of the rows to leave out by a column of the file."""
        path = f"leave_out.{column}"
        if isinstance(given, dict):
            self.refuse_unknown(given, ("pattern",), f"{path}.")
            return {"pattern": self._pattern(f"{path}.pattern", given.get("pattern"), keeps=False)}
        items = given if isinstance(given, list) else [given]
        if not items:
            raise self.refusal(path, "is empty", 'List values, or write { pattern = "..." }.')
        return {"values": tuple(self._scalar(path, item) for item in items)}

    def rule(self, column: str, given: Any) -> dict[str, Any]:
        """Return the fields of the rule for a canonical column."""
        path = f"columns.{column}"
        target = self.target
        if target is None:
            message = "a reader of rules needs a target"
            raise ValueError(message)
        if column in target.computed:
            raise self.refusal(
                path, "is worked out by Stoker and never read from a file", "Take the line out."
            )
        if column not in target.kinds:
            meant = _meant(column, target.kinds, most=3)
            raise self.refusal(
                path,
                "is not a valid canonical column",
                meant or f"The columns are {', '.join(target.kinds)}.",
            )
        if not isinstance(given, dict):
            return {"columns": self._texts(path, given, _NEEDS)}
        self.refuse_unknown(given, _RULE_KEYS, f"{path}.")
        if ("column" in given) == ("constant" in given):
            raise self.refusal(path, "needs either column or constant", _NEEDS)
        fields: dict[str, Any] = {}
        for key, value in given.items():
            field = "columns" if key == "column" else key
            fields[field] = self._part(f"{path}.{key}", key, value)
        self._refuse_misfits(path, target.kinds[column], given)
        if target.kinds[column] is ValueKind.STATUS:
            self._refuse_no_status(path, fields)
        return fields

    def _refuse_no_status(self, path: str, fields: dict[str, Any]) -> None:
        """Refuse a rule that makes statuses that SageMaker does not have."""
        made = {f"values.{key}": new for key, new in fields.get("values", ())}
        made |= {key: fields[key] for key in ("constant", "default") if key in fields}
        for key, new in made.items():
            if re.sub("[ _-]", "", new.lower()) not in {known.lower() for known in STATUSES}:
                meant = _meant(new, STATUSES, most=2)
                raise self.refusal(
                    f"{path}.{key}",
                    f"is {new!r}, which is not a status",
                    f"Write one of {', '.join(STATUSES)}. {meant}".rstrip(),
                )

    def _part(self, path: str, key: str, value: Any) -> Any:
        match key:
            case "column" | "fallback":
                return self._texts(path, value, "Write a column of the file, or a list of them.")
            case "constant" | "default":
                return self._scalar(path, value)
            case "null_values":
                return self._null_values(path, value)
            case "pattern":
                return self._pattern(path, value)
            case "values":
                return self._values(path, value)
            case "unit":
                if value not in UNITS:
                    raise self.refusal(path, f"is {value!r}", f"Write one of {', '.join(UNITS)}.")
                return value
            case "scale":
                return self._factor(path, value)
        return self._added(path, value)

    def _refuse_misfits(self, path: str, kind: ValueKind, given: dict[str, Any]) -> None:
        for key in ("unit", "plus_s"):
            if key in given and kind is not ValueKind.INSTANT:
                raise self.refusal(f"{path}.{key}", "is for times only", "Take it out.")
        if "scale" in given and kind not in NUMERIC and "plus_s" not in given:
            advice = (
                'For times, write unit = "ms".' if kind is ValueKind.INSTANT else "Take it out."
            )
            raise self.refusal(f"{path}.scale", "is for numbers only", advice)
        if "constant" in given and set(given) & {"fallback", "null_values", "pattern", "values"}:
            raise self.refusal(path, "has a constant and rules for a column", "Keep one of them.")

    def _texts(
        self, path: str, given: Any, needs: str = "Write a list of names."
    ) -> tuple[str, ...]:
        items = given if isinstance(given, list) else [given]
        if not items or not all(isinstance(item, str) for item in items):
            raise self.refusal(path, f"is {given!r}", needs)
        return tuple(items)

    def _scalar(self, path: str, given: Any) -> str:
        match given:
            case bool():
                return "true" if given else "false"
            case datetime() | date() | time():
                return given.isoformat()
            case int() | str():
                return str(given)
            case float() if math.isfinite(given):
                return repr(given)
        raise self.refusal(path, f"is {given!r}", "Write a text or a number.")

    def _null_values(self, path: str, given: Any) -> tuple[str | float, ...]:
        items = given if isinstance(given, list) else [given]
        for item in items:
            if isinstance(item, bool) or not isinstance(item, str | int | float):
                raise self.refusal(path, f"has {item!r}", "List texts and numbers.")
        numbers = {self._number(path, item) for item in items if not isinstance(item, str)}
        return (*sorted(numbers), *sorted({item for item in items if isinstance(item, str)}))

    def _number(self, path: str, given: Any) -> float:
        """Return a number; a whole one as int, so that equal numbers look equal."""
        is_number = isinstance(given, int | float) and not isinstance(given, bool)
        # NaN fails the comparison
        if not is_number or not abs(given) <= LARGEST_NUMBER:
            raise self.refusal(path, f"is {given!r}", "Write a number.")
        return int(given) if given == int(given) else given

    def _factor(self, path: str, given: Any) -> float:
        factor = self._number(path, given)
        if factor <= 0:
            raise self.refusal(
                path, f"is {given!r}", "Write a number above 0, such as scale = 0.01."
            )
        return factor

    def _added(self, path: str, given: Any) -> tuple[str | float, ...]:
        items = given if isinstance(given, list) else [given]
        if not items:
            raise self.refusal(path, "is empty", "Write a column that holds seconds, or a number.")
        return tuple(item if isinstance(item, str) else self._number(path, item) for item in items)

    def _pattern(self, path: str, given: Any, *, keeps: bool = True) -> str:
        if not isinstance(given, str):
            raise self.refusal(path, f"is {given!r}", "Write a regular expression in quotes.")
        try:
            # Arrow's expressions are RE2, as DuckDB's are
            compute.match_substring_regex(pa.array([""]), given)
        except pa.ArrowInvalid as error:
            raise self.refusal(
                path,
                f"is not a valid regular expression ({str(error).splitlines()[0]})",
                "The syntax is RE2's: no look-around, no back-references.",
            ) from error
        if keeps and not _has_group(given):
            raise self.refusal(
                path, "has no group", r"Put the part to keep in ( ), as in 'gpu=(\d+)'."
            )
        return given

    def _values(self, path: str, given: Any) -> tuple[tuple[str, str], ...]:
        if not isinstance(given, dict) or not given:
            raise self.refusal(
                path, "is not a valid table", 'Write values = { COMPLETED = "Completed" }.'
            )
        return tuple(
            sorted((key, self._scalar(f"{path}.{key}", value)) for key, value in given.items())
        )


def _has_group(pattern: str) -> bool:
    try:
        return re.compile(pattern).groups > 0
    except re.error:  # what RE2 knows and Python does not
        return "(" in pattern


def _meant(word: str, known: Iterable[str], *, most: int) -> str:
    close = get_close_matches(word, list(known), n=most)
    return f"Did you mean {' or '.join(close)}?" if close else ""
