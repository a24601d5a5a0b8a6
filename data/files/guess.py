"""A first mapping of a foreign file, guessed from the names, types and sizes of its columns."""

import re
from dataclasses import replace
from typing import Any

import pandas as pd

from data.files.codes import meanings
from data.files.mapping import Mapping, Rule
from data.files.target import Target
from data.files.values import CODES, DURATIONS, MAY_BE_NEGATIVE, NUMERIC, ValueKind

EMPTY, TIME, LOCAL_TIME, WHOLE, NUMBER, DURATION = (
    "empty",
    "time",
    "time without a zone",
    "whole number",
    "number",
    "duration",
)
# numbers that are local times: days of a spreadsheet, and times written without separators
_LOCAL_NUMBERS = ((20_000, 80_000), (1.9e11, 2.1e11), (1.9e13, 2.1e13))
# an epoch before 1985 is more likely counted from the start of a log
EARLIEST_EPOCH_S = 473_385_600
# no training job runs for longer
LONGEST_S = 100 * 86_400


def guess_mapping(
    columns: pd.DataFrame, name: str, target: Target, *, kind: str
) -> tuple[Mapping, list[str]]:
    """Return a first mapping for the columns that `source_columns` found, and what to look at.

    A column that bears a canonical name is that column. `kind` is the one of the target's dataset.
    """
    guess = _guess(columns, target)
    guess.warn_of_gaps(guess.rules)
    guess.warn_of_zone(guess.rules)
    return Mapping(name=name, columns=guess.rules, kind=kind), guess.texts


def warnings_of(columns: pd.DataFrame, mapping: Mapping, target: Target) -> list[str]:
    """Return what to look at in a mapping as it stands: a rule that was changed has no guess."""
    guess = _guess(columns, target)
    told = [text for name, text in guess.warnings if mapping.columns.get(name) == guess.rules[name]]
    guess.warnings = []
    guess.warn_of_gaps(mapping.columns)
    if mapping.time_zone is None:
        guess.warn_of_zone(mapping.columns)
    return [*told, *guess.texts]


def _guess(columns: pd.DataFrame, target: Target) -> "Guess":
    guess = Guess(columns, target)
    for canonical, value_kind in target.kinds.items():
        guess.take(canonical, value_kind)
    target.guess_more(guess)
    return guess


class Guess:
    """The rules found so far, and what to tell about them."""

    def __init__(self, columns: pd.DataFrame, target: Target) -> None:
        self.target = target
        found = [dict(column) for column in columns.to_dict("records")]
        self.by_name: dict[str, dict[Any, Any]] = {
            folded(column["name"]): column for column in reversed(found)
        }
        self.exact = {column["name"].strip().casefold(): column for column in found}
        self.rules: dict[str, Rule] = {}
        self.taken: set[str] = set()
        self.warnings: list[tuple[str, str]] = []

    @property
    def texts(self) -> list[str]:
        """What to tell, without the columns that it is about."""
        return [text for _, text in self.warnings]

    def warn(self, canonical: str, text: str) -> None:
        """Add something to tell of the rule of a canonical column."""
        self.warnings.append((canonical, text))

    def take(self, canonical: str, kind: ValueKind) -> None:
        """Take the likeliest free column by its name, if it may hold such values."""
        spellings = (*self.target.synonyms.get(canonical, ()), folded(canonical))
        named = [self.exact.get(canonical), *(self.by_name.get(name) for name in spellings)]
        free = [
            column
            for column in named
            if column and column["name"] not in self.taken and may_be(kind, column)
        ]
        if canonical == self.target.identifier:
            free.sort(key=lambda column: not column["is_unique"])
        if free:
            self.taken.add(free[0]["name"])
            self.rules[canonical] = self._rule(canonical, kind, free[0])

    def _rule(self, canonical: str, kind: ValueKind, column: dict[Any, Any]) -> Rule:
        rule = Rule((column["name"],))
        if kind is ValueKind.INSTANT:
            return self._instant(canonical, rule, column)
        if kind in CODES:
            return replace(rule, values=meanings(kind, tuple(column["values"])))
        if kind not in NUMERIC or pd.isna(column["high"]):
            return rule
        name, low, high = column["name"], column["low"], column["high"]
        if low == -1 and kind not in MAY_BE_NEGATIVE:
            rule = replace(rule, null_values=(-1,))
            self.warn(canonical, f"{name} has -1, which is read as unknown.")
        if kind is ValueKind.RATIO and high > 1:
            rule = replace(rule, scale=0.01)
            beyond = "; it passes 100, so it may be a sum over devices" if high > 100 else ""
            self.warn(
                canonical,
                f"{name} reaches {high:g}: read as per cent, with scale = 0.01{beyond}.",
            )
        elif looks_like_ms(column) and (kind is ValueKind.SECONDS or _is_duration(kind, column)):
            rule = replace(rule, scale=0.001)
            self.warn(
                canonical,
                f"{name} looks like milliseconds (it reaches {high:g}):"
                " read as such, with scale = 0.001.",
            )
        return rule

    def _instant(self, canonical: str, rule: Rule, column: dict[Any, Any]) -> Rule:
        name = column["name"]
        if pd.isna(column["high"]) or has_local_times(column):
            return rule
        unknown = tuple(sorted({value for value in (0, -1) if column["low"] == value}))
        unit, per_s = _epoch_unit(column["high"])
        if column["high"] / per_s < EARLIEST_EPOCH_S:
            self.warn(
                canonical,
                f"{name} has small numbers (up to {column['high']:g}): if they count from the start"
                " of the log, add that moment with plus_s, as seconds since 1970.",
            )
            return replace(rule, unit=unit)
        if unknown:
            self.warn(canonical, f"{name} has {unknown[0]}, which is read as unknown.")
        if unit != "s":
            self.warn(
                canonical, f'{name} looks like an epoch in {unit}: read with unit = "{unit}".'
            )
        return replace(rule, unit=unit, null_values=unknown)

    def warn_of_gaps(self, rules: dict[str, Rule]) -> None:
        """Say what a mapping needs and the file does not seem to have."""
        for canonical in self.target.required:
            if canonical not in rules:
                meaning = self.target.meanings.get(canonical, "hold it")
                self.warn(canonical, f"No column seems to {meaning} ({canonical}): choose one.")
        identifier = self.target.identifier
        named = rules.get(identifier, Rule()).columns
        column = self.exact.get(named[0].strip().casefold()) if len(named) == 1 else None
        if column and not column["is_unique"]:
            self.warn(
                identifier,
                f"{named[0]} repeats: rows of one name are read as versions of one record.",
            )

    def warn_of_zone(self, rules: dict[str, Rule]) -> None:
        """Say whose times need a zone to be read."""
        for canonical, rule in rules.items():
            columns = [self.exact.get(name.strip().casefold()) for name in rule.columns]
            is_read = self.target.kinds[canonical] is ValueKind.INSTANT and not rule.unit
            if is_read and any(column and has_local_times(column) for column in columns):
                self.warn(
                    canonical,
                    f"{rule.columns[0]} has times without an offset: set time_zone to the zone of"
                    " whatever wrote the file.",
                )


def has_local_times(column: dict[Any, Any]) -> bool:
    """Whether a column of the file seems to hold times without an offset."""
    low, high = column["low"], column["high"]
    in_numbers = any(least <= low and high < most for least, most in _LOCAL_NUMBERS)
    return column["type"] == LOCAL_TIME or in_numbers


def may_be(kind: ValueKind, column: dict[Any, Any]) -> bool:
    """Whether a column of the file may hold such values."""
    # -1 throughout: the log has the column, but nothing in it
    if column["type"] == EMPTY or column["low"] == column["high"] == -1:
        return False
    if kind in (ValueKind.INSTANT, ValueKind.DAY):
        is_epoch = column["type"] in (WHOLE, NUMBER) and column["high"] > 0
        return is_epoch or column["type"] in (TIME, LOCAL_TIME)
    if kind in DURATIONS and column["type"] == DURATION:
        return True
    if kind in NUMERIC:
        return column["type"] in (WHOLE, NUMBER)
    if kind is ValueKind.BOOLEAN:
        return column["type"] in ("boolean", WHOLE)
    return column["type"] not in (TIME, LOCAL_TIME)


def _is_duration(kind: ValueKind, column: dict[Any, Any]) -> bool:
    name = folded(column["name"])
    is_of_time = "time" in name or "second" in name
    is_number = kind in (ValueKind.NUMBER, ValueKind.DURATION)
    return is_number and is_of_time and "step" not in name


def looks_like_ms(column: dict[Any, Any]) -> bool:
    """Whether a duration seems to be in milliseconds."""
    is_named_so = re.search(r"(_ms|millis|milliseconds)$|[a-z]Ms$", column["name"]) is not None
    return is_named_so or column["high"] > LONGEST_S


def _epoch_unit(high: float) -> tuple[str, float]:
    if high < 1e11:
        return "s", 1.0
    if high < 1e14:
        return "ms", 1e3
    return ("us", 1e6) if high < 1e17 else ("ns", 1e9)


def folded(name: str) -> str:
    """Return a name without case and punctuation."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())
