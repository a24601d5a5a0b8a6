"""The settings in force of a queue: the scenario that its history ran under, and who says so.

Capacity comes from the first of these that says any: a capacity file, service environments, quota
shares, the shares' capacities in a capacity file, the jobs of an export. The policy comes from the
queue's scheduling policy, else from its quota shares, else from what its jobs say of their shares;
else it is FIFO. docs/metrics/settings_in_force.md
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from analytics.query import Filters, run_sql
from analytics.relations import QUEUE_JOBS
from analytics.share_replay.scenario import UNLIMITED, CapacityStep, Scenario, Share
from data.errors import WrongUseError
from data.serialize.cells import cells
from data.store.reader import Reader

NAME = "Settings in force"
_SOURCES = ("capacity_file", "environments", "quota_shares", "share_capacities")
_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
_MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class SettingsInForce:
    """The scenario of a queue as far as it is known, and what says so.

    `capacity_source` and `policy_source` are codes (CAPACITY_SOURCES, POLICY_SOURCES of the
    vocabulary); a capacity that nothing says is empty, and its source None. `held_since` is when
    policy or quotas last changed, as far as a change was observed.
    """

    queue_name: str | None
    scenario: Scenario
    capacity_source: str | None
    policy_source: str
    preempted_attempt_count: int
    held_since: datetime | None = None


def settings_in_force(reader: Reader, filters: Filters) -> SettingsInForce:
    """Return the settings of the one queue that passes the filters, at the end of their time.

    Raises:
        WrongUseError: no job passes them, or those of several queues do.
    """
    queue = queue_of(reader, filters)
    name = queue["queue_name"]
    at = filters.until or _END_OF_TIME
    observed = frame_rows(_run(reader, "capacity_observations", queue_name=name))
    quotas = frame_rows(_run(reader, "quotas_in_force", queue_name=name, at=at))
    policies = frame_rows(_run(reader, "queue_policy", queue_name=name, at=at))
    share_capacities = _last_of_each(observed, "share_capacities", at)
    scenario, policy_source = _policy(
        policies[0] if policies else None, quotas, share_capacities, queue
    )
    capacity, unit, capacity_source = _capacity(observed)
    if not capacity:
        changes = run_sql(reader, "share_replay/capacity_of_jobs", filters, relation=QUEUE_JOBS)
        capacity = steps_of(
            [row | {"item": None, "share_name": None} for row in frame_rows(changes)]
        )
        capacity_source = "jobs" if capacity else None
    return SettingsInForce(
        name,
        replace(
            scenario,
            capacity=capacity,
            capacity_unit=unit,
            share_capacities=_own_pools(observed, unit),
            name=NAME,
        ),
        capacity_source,
        policy_source,
        int(queue["preempted_attempt_count"]),
        frame_rows(_run(reader, "settings_changes", queue_name=name, at=at))[0]["held_since"],
    )


def scenario_in_force(reader: Reader, filters: Filters, capacity_unit: str) -> Scenario:
    """Return the settings in force, as far as they are known in a unit of capacity.

    The jobs of several queues, and no jobs, have none: FIFO without a capacity.
    """
    if len(run_sql(reader, "share_replay/queue_counts", filters, relation=QUEUE_JOBS)) != 1:
        return Scenario(capacity_unit=capacity_unit, name=NAME)
    scenario = settings_in_force(reader, filters).scenario
    if scenario.capacity_unit == capacity_unit:
        return scenario
    return replace(scenario, capacity=(), share_capacities=(), capacity_unit=capacity_unit)


def queue_of(reader: Reader, filters: Filters) -> Mapping[str, Any]:
    """Return what is known of the one queue whose jobs pass the filters.

    Raises:
        WrongUseError: there is none, or more than one.
    """
    queues = frame_rows(run_sql(reader, "share_replay/queue_counts", filters, relation=QUEUE_JOBS))
    if not queues:
        raise WrongUseError(
            "No job that went through a queue passes these filters.",
            next_action="Import service jobs or a job export with queues, or widen the filters.",
        )
    if len(queues) > 1:
        names = [row["queue_name"] or "" for row in queues[:_MOST_NAMES]]
        more = f" and {len(queues) - _MOST_NAMES} more" if len(queues) > _MOST_NAMES else ""
        raise WrongUseError(
            f"These jobs are of {len(queues)} queues, and each has settings of its own.",
            next_action=f"Choose one with --where queue_name=NAME, of: {', '.join(names)}{more}.",
        )
    return queues[0]


def _policy(
    policy: Mapping[str, Any] | None,
    quotas: list[dict[str, Any]],
    share_capacities: Mapping[str, float],
    queue: Mapping[str, Any],
) -> tuple[Scenario, str]:
    if policy is not None and policy["share_kind"] == "fair_share":
        weights = zip(policy["share_names"] or (), policy["weight_factors"] or (), strict=True)
        shares = tuple(
            Share(name, weight=1.0 if weight is None else weight) for name, weight in weights
        )
        return Scenario(
            "fair_share",
            decay_s=float(policy["share_decay_s"] or 0),
            reservation_ratio=(policy["compute_reservation_pct"] or 0) / 100,
            shares=shares,
        ), "scheduling_policy"
    if quotas:
        shares = tuple(
            Share(
                row["share_name"],
                quota=row["capacity"] or 0.0,
                strategy=row["sharing_strategy"] or "LEND_AND_BORROW",
                borrow_limit_pct=(
                    UNLIMITED if row["borrow_limit_pct"] is None else row["borrow_limit_pct"]
                ),
                has_in_share_preemption=bool(row["has_in_share_preemption"]),
            )
            for row in quotas
        )
        is_of_policy = policy is not None and policy["share_kind"] == "quota"
        return Scenario("quota", shares=shares), (
            "scheduling_policy" if is_of_policy else "quota_shares"
        )
    if share_capacities:
        shares = tuple(
            Share(name, quota=capacity, strategy="RESERVE")
            for name, capacity in sorted(share_capacities.items())
        )
        return Scenario("quota", shares=shares), "share_capacities"
    if queue["fair_share_job_count"]:
        return Scenario("fair_share"), "share_identifiers"
    return Scenario("fifo"), "assumed"


def _capacity(
    observed: list[dict[str, Any]],
) -> tuple[tuple[CapacityStep, ...], str, str | None]:
    for source in _SOURCES:
        rows = [row for row in observed if row["source"] == source]
        if source == "capacity_file" and any(row["item"] is None for row in rows):
            rows = [row for row in rows if row["item"] is None]  # the others are parts of it
        if not rows:
            continue
        units = {row["capacity_unit"] for row in rows}
        unit = "accelerators" if units == {"accelerators"} else "instances"
        return steps_of([row for row in rows if row["capacity_unit"] == unit]), unit, source
    return (), "instances", None


def _own_pools(
    observed: list[dict[str, Any]], unit: str
) -> tuple[tuple[str, tuple[CapacityStep, ...]], ...]:
    """Return what each share has over time, by a capacity file."""
    of_share: dict[str, list[dict[str, Any]]] = {}
    for row in observed:
        if row["source"] == "share_capacities" and row["capacity_unit"] == unit:
            of_share.setdefault(row["share_name"], []).append(row)
    return tuple((name, steps_of(rows)) for name, rows in sorted(of_share.items()))


def steps_of(rows: Iterable[Mapping[str, Any]]) -> tuple[CapacityStep, ...]:
    """Return the sum of what each thing has over time; before it was observed it had the same.

    Rows are in order of time; those without a time come first.
    """
    current: dict[tuple[Any, Any], float] = {}
    by_time: dict[Any, dict[tuple[Any, Any], float]] = {}
    for row in rows:
        key = (row["share_name"], row["item"])
        current.setdefault(key, row["capacity"])
        by_time.setdefault(row["observed_at"], {})[key] = row["capacity"]
    steps: list[CapacityStep] = []
    for since, changes in by_time.items():
        current |= changes
        total = sum(current.values())
        if not steps:
            steps.append(CapacityStep(None, total))
        elif total != steps[-1].capacity:
            steps.append(CapacityStep(since, total))
    return tuple(steps)


def _last_of_each(observed: list[dict[str, Any]], source: str, at: datetime) -> dict[str, float]:
    """Return what each share has at a time, the sum of its instance types."""
    latest: dict[tuple[str, Any], float] = {}
    for row in observed:
        if row["source"] != source:
            continue
        key = (row["share_name"], row["item"])
        if key not in latest or row["observed_at"] is None or row["observed_at"] <= at:
            latest[key] = row["capacity"]
    total: dict[str, float] = {}
    for (share, _), capacity in latest.items():
        total[share] = total.get(share, 0.0) + capacity
    return total


def _run(reader: Reader, name: str, **parameters: Any) -> pd.DataFrame:
    return run_sql(reader, f"share_replay/{name}", relation=None, **parameters)


def frame_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame, with instants as such and unknown as None."""
    columns = [_values(frame[name]) for name in frame.columns]
    return [dict(zip(frame.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(column: "pd.Series[Any]") -> Sequence[Any]:
    values = cells(column)
    if not isinstance(column.dtype, pd.DatetimeTZDtype):
        return values
    return [None if text is None else datetime.fromisoformat(str(text)) for text in values]
