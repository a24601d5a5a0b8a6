"""Scenarios as files: TOML of a whole scenario, and CSV of each share's capacity."""

import csv
import io
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
import tomlkit

from analytics.share_replay.scenario import UNLIMITED, CapacityStep, Scenario, Share
from data.errors import WrongUseError
from data.toml_document import MisfitError, parse_toml

_EXAMPLE = 'such as\npolicy = "quota"\ncapacity = 100\n[[share]]\nname = "vision"\nquota = 60\n'
_COLUMNS = ("share_name", "capacity")


class _Step(msgspec.Struct, forbid_unknown_fields=True, rename={"since": "from"}):
    capacity: float
    since: datetime | None = None


class _Share(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    weight: float = 1.0
    quota: float | None = None
    strategy: str = "LEND_AND_BORROW"
    borrow_limit_pct: float = UNLIMITED
    in_share_preemption: bool = False
    priority: int | None = None
    capacity: float | None = None


class _Scenario(msgspec.Struct, forbid_unknown_fields=True):
    name: str = ""
    policy: str | None = None
    capacity: float | list[_Step] | None = None
    capacity_unit: str | None = None
    scope: str | None = None
    backfill: str | None = None
    decay_s: float | None = None
    reservation_ratio: float | None = None
    preemption_retries: int | None = None
    share: list[_Share] = []


def parse_scenario(text: str) -> Scenario:
    """Return the scenario that a TOML file describes; what it leaves out has its default.

    >>> parse_scenario('policy = "fifo"\\ncapacity = 128').capacity[0].capacity
    128.0

    Raises:
        WrongUseError: something in it is wrong; the key at fault is named.
    """
    try:
        document = parse_toml(text, _Scenario)
    except tomllib.TOMLDecodeError as error:
        raise WrongUseError(
            f"The scenario is not TOML: {error}.", next_action=f"Write it {_EXAMPLE}"
        ) from error
    except MisfitError as error:
        known = _keys(error.key) if error.is_unknown else ""
        raise WrongUseError(
            f"The scenario's '{error.key}': {error.problem}.",
            next_action=f"Use these keys: {known}." if known else f"Write it {_EXAMPLE}",
        ) from error
    given = {
        name: value
        for name in ("policy", "capacity_unit", "scope", "backfill", "decay_s",
                     "reservation_ratio", "preemption_retries")
        if (value := getattr(document, name)) is not None
    }  # fmt: skip
    return Scenario(
        **given,
        name=document.name,
        capacity=_steps(document.capacity),
        shares=tuple(
            Share(
                share.name,
                share.weight,
                share.quota,
                share.strategy,
                share.borrow_limit_pct,
                share.in_share_preemption,
                share.priority,
            )
            for share in document.share
        ),
        share_capacities=tuple(
            (share.name, _steps(share.capacity))
            for share in document.share
            if share.capacity is not None
        ),
    )


def _keys(path: str) -> str:
    shape = _Share if path.startswith("share[") else _Step if "[" in path else _Scenario
    return ", ".join(field.encode_name for field in msgspec.structs.fields(shape))


def _steps(capacity: float | list[_Step] | None) -> tuple[CapacityStep, ...]:
    if capacity is None:
        return ()
    if isinstance(capacity, float):
        return (CapacityStep(None, capacity),)
    return in_order(CapacityStep(_aware(step.since), step.capacity) for step in capacity)


def in_order(steps: Iterable[CapacityStep]) -> tuple[CapacityStep, ...]:
    """Return steps in order of time; a step without a time comes first."""
    earliest = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(steps, key=lambda step: step.since or earliest))


def _aware(instant: datetime | None) -> datetime | None:
    if instant is None or instant.tzinfo:
        return instant
    return instant.replace(tzinfo=UTC)


def format_scenario(scenario: Scenario) -> str:
    """Return a scenario as TOML that `parse_scenario` reads back."""
    document = tomlkit.document()
    if scenario.name:
        document["name"] = scenario.name
    document["policy"] = scenario.policy
    if scenario.capacity:
        document["capacity"] = _capacity_item(scenario.capacity)
    for name in ("capacity_unit", "scope", "backfill", "decay_s", "reservation_ratio"):
        document[name] = _plain(getattr(scenario, name))
    if scenario.preemption_retries is not None:
        document["preemption_retries"] = scenario.preemption_retries
    capacities = {name: steps[0].capacity for name, steps in scenario.share_capacities}
    shares = tomlkit.aot()
    for share in (*scenario.shares, *(Share(name) for name in _others(scenario))):
        table = tomlkit.table()
        table["name"] = share.name
        table["weight"] = _plain(share.weight)
        if share.quota is not None:
            table["quota"] = _plain(share.quota)
        table["strategy"] = share.strategy
        table["borrow_limit_pct"] = _plain(share.borrow_limit_pct)
        table["in_share_preemption"] = share.has_in_share_preemption
        if share.priority is not None:
            table["priority"] = share.priority
        if share.name in capacities:
            table["capacity"] = _plain(capacities[share.name])
        shares.append(table)
    if len(shares):
        document["share"] = shares
    return tomlkit.dumps(document)


def _others(scenario: Scenario) -> list[str]:
    named = {share.name for share in scenario.shares}
    return [name for name, _ in scenario.share_capacities if name not in named]


def _capacity_item(steps: tuple[CapacityStep, ...]) -> Any:
    if len(steps) == 1 and steps[0].since is None:
        return _plain(steps[0].capacity)
    items = tomlkit.array()
    for step in steps:
        item = tomlkit.inline_table()
        if step.since is not None:
            item["from"] = step.since
        item["capacity"] = _plain(step.capacity)
        items.append(item)
    return items.multiline(multiline=True)


def _plain(value: Any) -> Any:
    """Return a number as people write it: whole where it is whole."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def parse_capacities(text: str) -> tuple[tuple[str, tuple[CapacityStep, ...]], ...]:
    """Return each share's own capacity, from CSV with the columns share_name and capacity.

    >>> parse_capacities("share_name,capacity\\nvision,40\\n")[0][0]
    'vision'

    Raises:
        WrongUseError: it is no such CSV; the line at fault is named.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    names = [name.strip() for name in rows.fieldnames or ()]
    if not set(_COLUMNS) <= set(names):
        raise WrongUseError(
            f"The capacities file has the columns {', '.join(names) or 'none'}.",
            next_action="Write CSV with a first line share_name,capacity and a line each share.",
        )
    rows.fieldnames = names
    found: dict[str, tuple[CapacityStep, ...]] = {}
    for row in rows:
        name = (row["share_name"] or "").strip()
        try:
            capacity = float(row["capacity"] or "")
        except ValueError:
            capacity = -1.0
        if not 0 <= capacity < 1e9 or name in found:
            raise WrongUseError(
                f"Line {rows.line_num} of the capacities file: '{name},{row['capacity']}'.",
                next_action="Give each share once, with a capacity of 0 or more.",
            )
        found[name] = (CapacityStep(None, capacity),)
    if not found:
        raise WrongUseError(
            "The capacities file has no share.",
            next_action="Write a line each share, such as vision,40.",
        )
    return tuple(found.items())
