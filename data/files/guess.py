"""A first mapping of a foreign file, guessed from the names, types and sizes of its columns."""

import re
from dataclasses import replace
from typing import Any

import pandas as pd

from data.files.mapping import Mapping, Rule
from data.files.target import Target
from data.files.values import MAY_BE_NEGATIVE, NUMERIC, ValueKind

EMPTY, TIME, LOCAL_TIME, WHOLE, NUMBER = (
    "empty",
    "time",
    "time without a zone",
    "whole number",
    "number",
)
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
    guess = Guess(columns, target)
    for canonical, value_kind in target.kinds.items():
        guess.take(canonical, value_kind)
    target.guess_more(guess)
    guess.warn_of_gaps()
    return Mapping(name=name, columns=guess.rules, kind=kind), guess.warnings


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
        self.warnings: list[str] = []

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
            self.rules[canonical] = self._rule(kind, free[0])

    def _rule(self, kind: ValueKind, column: dict[Any, Any]) -> Rule:
        rule = Rule((column["name"],))
        if kind is ValueKind.INSTANT:
            return self._instant(rule, column)
        if kind not in NUMERIC or pd.isna(column["high"]):
            return rule
        name, low, high = column["name"], column["low"], column["high"]
        if low == -1 and kind not in MAY_BE_NEGATIVE:
            rule = replace(rule, null_values=(-1,))
            self.warnings.append(f"{name} has -1, which is read as unknown.")
        if kind is ValueKind.RATIO and high > 1:
            rule = replace(rule, scale=0.01)
            beyond = "; it passes 100, so it may be a sum over devices" if high > 100 else ""
            self.warnings.append(
                f"{name} reaches {high:g}: read as per cent, with scale = 0.01{beyond}."
            )
        elif looks_like_ms(column) and (kind is ValueKind.SECONDS or _is_duration(kind, column)):
            rule = replace(rule, scale=0.001)
            self.warnings.append(
                f"{name} looks like milliseconds (it reaches {high:g}):"
                " read as such, with scale = 0.001."
            )
        return rule

    def _instant(self, rule: Rule, column: dict[Any, Any]) -> Rule:
        name = column["name"]
        if column["type"] == LOCAL_TIME:
            self.warnings.append(
                f"{name} has times without an offset: set time_zone to the zone of whatever wrote"
                " the file."
            )
        if pd.isna(column["high"]):
            return rule
        unknown = tuple(sorted({value for value in (0, -1) if column["low"] == value}))
        unit, per_s = _epoch_unit(column["high"])
        if column["high"] / per_s < EARLIEST_EPOCH_S:
            self.warnings.append(
                f"{name} has small numbers (up to {column['high']:g}): if they count from the start"
                " of the log, add that moment with plus_s, as seconds since 1970."
            )
            return replace(rule, unit=unit)
        if unknown:
            self.warnings.append(f"{name} has {unknown[0]}, which is read as unknown.")
        if unit != "s":
            self.warnings.append(
                f'{name} looks like an epoch in {unit}: read with unit = "{unit}".'
            )
        return replace(rule, unit=unit, null_values=unknown)

    def warn_of_gaps(self) -> None:
        """Say what a mapping needs and the file does not seem to have."""
        for canonical in self.target.required:
            if canonical not in self.rules:
                meaning = self.target.meanings.get(canonical, "hold it")
                self.warnings.append(f"No column seems to {meaning} ({canonical}): choose one.")
        named = self.rules.get(self.target.identifier)
        if named and not self.exact[named.columns[0].strip().casefold()]["is_unique"]:
            self.warnings.append(
                f"{named.columns[0]} repeats: rows of one name are read as versions of one record."
            )


def may_be(kind: ValueKind, column: dict[Any, Any]) -> bool:
    """Whether a column of the file may hold such values."""
    # -1 throughout: the log has the column, but nothing in it
    if column["type"] == EMPTY or column["low"] == column["high"] == -1:
        return False
    if kind in (ValueKind.INSTANT, ValueKind.DAY):
        is_epoch = column["type"] in (WHOLE, NUMBER) and column["high"] > 0
        return is_epoch or column["type"] in (TIME, LOCAL_TIME)
    if kind in NUMERIC:
        return column["type"] in (WHOLE, NUMBER)
    if kind is ValueKind.BOOLEAN:
        return column["type"] in ("boolean", WHOLE)
    return column["type"] not in (TIME, LOCAL_TIME)


def _is_duration(kind: ValueKind, column: dict[Any, Any]) -> bool:
    name = folded(column["name"])
    is_of_time = "time" in name or "second" in name
    return kind is ValueKind.NUMBER and is_of_time and "step" not in name


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
