"""The cheapest way to a P90 startup latency: every lever together, each combination one point.

Definition: docs/metrics/startup_frontier.md. A way to keep clusters warm (a `WarmOption`) says
which starts hit and what the clusters cost; making pools one is such a way too. Changes of other
levers (a `Change`) shorten starts, by what matched jobs say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.keep_alive.build_curves import build_curves
from analytics.keep_alive.curve import NO_PERIOD, Curves
from analytics.quantities import HOURS_PER_DAY, HOURS_PER_MONTH, SECONDS_PER_HOUR
from analytics.query import Filters, run_sql, run_sql_arrays
from analytics.startup.advice import LeverDecision, Objective, judged_groups, load_objective
from analytics.startup.merged import Merged, merge_groups, merged_jobs
from analytics.startup.queries import FRONTIER_COLUMNS
from analytics.stats.frontier import is_on_frontier
from analytics.stats.quantiles import interval_shares, is_bounded_above
from analytics.vocabulary import label
from data.errors import WrongUseError
from data.store.reader import Reader
from data.store.settings import load_settings

Floats = NDArray[np.float64]
Int64s = NDArray[np.int64]
Flags = NDArray[np.bool_]

SHARE = 0.9
LEAST_JOBS, MOST_JOBS = 10, 10_000_000
TRAINING_SHARE = 0.7
LEAST_DAYS = 7
NEVER = np.iinfo(np.int64).max
COSTS_OF_DELAY_USD_PER_H = (0.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 1280.0)
CHANGE_LEVERS = ("input_mode", "image", "image_changes", "profiler")
_FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WarmOption:
    """One way to keep clusters warm: which starts hit, and what the idle clusters cost, USD."""

    levers: tuple[str, ...]
    label: str
    is_hit: Flags
    idle_usd: float
    changed_pools: frozenset[int]
    cost_of_delay_usd_per_h: float | None = None
    period_by_pool: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What changing one lever takes off starts: seconds waited and billed, if cold and if warm."""

    lever: str
    cold_s: Floats
    warm_s: Floats
    cold_billed_s: Floats
    warm_billed_s: Floats
    changed_pools: frozenset[int]


@dataclass(frozen=True, slots=True)
class Starts:
    """The starts that are judged, as they would be without a warm cluster; all have a price."""

    cold_s: Floats
    saved_s: Floats
    billed_saved_s: Floats
    usd_per_s: Floats
    months: float


def startup_frontier(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return every combination that was tried, the quickest first; none without enough starts.

    Raises:
        WrongUseError: memory would not hold so many starts.
    """
    empty = pd.DataFrame(columns=list(FRONTIER_COLUMNS))
    pools = run_sql(
        reader,
        "keep_alive/keep_alive_advice",
        filters,
        since=filters.since,
        until=filters.until,
    )
    if pools.empty:
        return empty
    if pools["job_count"].sum() > MOST_JOBS:
        raise WrongUseError(
            f"{pools['job_count'].sum():,} jobs are too many to combine the levers of.",
            next_action="Choose a shorter time range.",
        )
    objective = load_objective(reader.home, values)
    judged = [one for one in judged_groups(reader, filters, objective) if one.verdict == "change"]
    judged = [one for one in judged if one.group.lever in CHANGE_LEVERS]
    first_day, last_day = int(pools["first_day"].min()), int(pools["last_day"].max())
    is_split = last_day - first_day + 1 >= LEAST_DAYS
    split_day = first_day + int(np.floor(TRAINING_SHARE * (last_day - first_day + 1)))
    early, late = filters, filters
    if is_split:
        at = _FIRST_DAY + timedelta(days=split_day)
        early, late = replace(filters, until=at), replace(filters, since=at)
    rows = _load(reader, late, judged)
    if is_split and np.isfinite(rows["usd_per_h"]).sum() < LEAST_JOBS:
        is_split, early, late = False, filters, filters
        rows = _load(reader, late, judged)
    is_priced = np.isfinite(rows["usd_per_h"])
    if is_priced.sum() < LEAST_JOBS:
        return empty
    unpriced = int((~is_priced).sum())
    rows = {name: values[is_priced] for name, values in rows.items()}
    judged_from = split_day if is_split else first_day
    starts = Starts(
        cold_s=rows["cold_s"],
        saved_s=rows["saved_s"],
        billed_saved_s=rows["billed_saved_s"],
        usd_per_s=rows["usd_per_h"] / SECONDS_PER_HOUR,
        months=(last_day - judged_from + 1) * HOURS_PER_DAY / HOURS_PER_MONTH,
    )
    warm = list(_warm_options(reader, early, late, pools, rows, objective))
    groups = merge_groups(reader, early, pools, objective.value_usd_per_h)
    if groups:
        merged = merged_jobs(reader, late, groups)
        # merged pools have a period of their own: with one other choice, today's is enough
        kept = [
            one for one in warm if one.cost_of_delay_usd_per_h in (None, objective.value_usd_per_h)
        ]
        warm += [_as_one(one, merged, rows) for one in kept if one.label != "none"]
    points = frontier_points(starts, warm, _changes(judged, rows))
    return _marked(points, values["p90_target_s"]).assign(
        unpriced_job_count=unpriced,
        judged_from_date=_FIRST_DAY + timedelta(days=judged_from),
        is_judged_later=is_split,
    )[list(FRONTIER_COLUMNS)]


def frontier_points(
    starts: Starts, warm: Sequence[WarmOption], changes: Sequence[Change]
) -> pd.DataFrame:
    """Return each way to keep clusters warm with each set of changes; the first way is today's.

    Two changes of one start claim the same seconds: the larger counts.
    """
    count = len(starts.cold_s)
    low, high = interval_shares(SHARE, count)
    today = warm[0]
    today_wait_s = _latency(starts, today.is_hit, ())
    rows = []
    for size in range(len(changes) + 1):
        for chosen in combinations(changes, size):
            for option in warm:
                latency_s = _latency(starts, option.is_hit, chosen)
                points = np.quantile(latency_s, [SHARE, low, high])
                hit_change = option.is_hit.astype(np.int8) - today.is_hit.astype(np.int8)
                billed_s = hit_change * starts.billed_saved_s
                billed_s = billed_s + _taken_off(option.is_hit, chosen, is_billed=True)
                saved_usd = float((billed_s * starts.usd_per_s).sum())
                levers = (*option.levers, *(change.lever for change in chosen))
                rows.append(
                    {
                        "levers": " + ".join(label("lever", one) for one in levers) or "As today",
                        "lever_count": len(levers),
                        "keep_alive_policy": option.label,
                        "policy_usd_per_h": option.cost_of_delay_usd_per_h,
                        "changed_pool_count": len(
                            option.changed_pools.union(*(change.changed_pools for change in chosen))
                        ),
                        "startup_latency_p90_s": points[0],
                        "startup_latency_p90_low_s": points[1],
                        "startup_latency_p90_high_s": points[2]
                        if is_bounded_above(SHARE, count)
                        else np.nan,
                        "hit_rate_ratio": float(option.is_hit.mean()),
                        "cost_change_usd_per_month": (option.idle_usd - today.idle_usd - saved_usd)
                        / starts.months,
                        "wait_saved_h_per_month": float((today_wait_s - latency_s).sum())
                        / SECONDS_PER_HOUR
                        / starts.months,
                        "job_count": count,
                    }
                )
    return pd.DataFrame(rows)


def _latency(starts: Starts, is_hit: Flags, changes: Sequence[Change]) -> Floats:
    """Return the latency of each start, s."""
    cold_s = starts.cold_s
    kept_s = np.where(is_hit, np.maximum(0.0, cold_s - starts.saved_s), cold_s)
    return np.asarray(np.maximum(0.0, kept_s - _taken_off(is_hit, changes, is_billed=False)))


def _taken_off(is_hit: Flags, changes: Sequence[Change], *, is_billed: bool) -> Floats:
    """Return the seconds that changes take off each start: the most of any of them."""
    most = np.zeros(len(is_hit))
    for number, change in enumerate(changes):
        cold_s, warm_s = (
            (change.cold_billed_s, change.warm_billed_s)
            if is_billed
            else (change.cold_s, change.warm_s)
        )
        one = np.where(is_hit, warm_s, cold_s)
        most = one if number == 0 else np.where(np.abs(one) > np.abs(most), one, most)
    return most


def _load(
    reader: Reader, filters: Filters, judged: Sequence[LeverDecision]
) -> dict[str, NDArray[Any]]:
    comparisons = [one.group.comparison for one in judged]
    return run_sql_arrays(
        reader,
        "startup/startup_frontier",
        filters,
        never=int(NEVER),
        change_levers=[one.group.lever for one in judged],
        change_pool_ids=[one.group.pool_id for one in judged],
        change_targets=[of.target for of in comparisons if of is not None],
        change_numbers=list(range(len(judged))),
    )


def _changes(judged: Sequence[LeverDecision], rows: Mapping[str, NDArray[Any]]) -> list[Change]:
    """Return what each lever with surely gaining changes takes off the starts that it touches."""
    # the last row is of starts that nothing touches
    taken = np.zeros((len(judged) + 1, 4))
    for number, one in enumerate(judged):
        of = one.group.comparison
        if of is not None:
            taken[number] = (*of.by_kind["cold"], *of.by_kind["warm"])
    changes = []
    for lever in CHANGE_LEVERS:
        own = [one for one in judged if one.group.lever == lever]
        if own:
            cold_s, cold_billed_s, warm_s, warm_billed_s = taken[rows[f"{lever}_change"]].T
            changes.append(
                Change(
                    lever,
                    cold_s,
                    warm_s,
                    cold_billed_s,
                    warm_billed_s,
                    frozenset(one.group.pool_id for one in own),
                )
            )
    return changes


def _warm_options(
    reader: Reader,
    early: Filters,
    late: Filters,
    pools: pd.DataFrame,
    rows: Mapping[str, NDArray[Any]],
    objective: Objective,
) -> Iterator[WarmOption]:
    """Yield today's periods, none, and the best of each pool at several costs of delay.

    Chosen on the early days, by pool; a pool that is new since then keeps today's.
    """
    limit_s = load_settings(reader.home).keep_alive_limit_s
    chosen_on = build_curves(reader, early)
    cost_on = chosen_on if early == late else build_curves(reader, late)
    today = pools.set_index("pool_id")["current_keep_alive_s"].fillna(0).astype(np.int64)
    today_s = _in_order(today, cost_on)
    yield _warm(cost_on, rows, today_s, today_s, "as today", None)
    none_s: Int64s = np.zeros(len(today_s), dtype=np.int64)
    if today_s.any():
        yield _warm(cost_on, rows, none_s, today_s, "none", None)
    seen = {today_s.tobytes(), none_s.tobytes()}
    for value in sorted({*COSTS_OF_DELAY_USD_PER_H, objective.value_usd_per_h}):
        best = chosen_on.best(value_of_waiting_usd_per_h=value, limit_s=limit_s)
        by_pool = pd.Series(best, index=chosen_on.group_value)
        periods_s = _in_order(by_pool[by_pool != NO_PERIOD].combine_first(today), cost_on)
        if periods_s.tobytes() not in seen:
            seen.add(periods_s.tobytes())
            name = f"each pool's best at {value:,.0f} USD per hour of waiting"
            yield _warm(cost_on, rows, periods_s, today_s, name, value)


def _in_order(by_pool: "pd.Series[Any]", curves: Curves) -> Int64s:
    """Return a period of each pool in the order of curves; none where it is unknown."""
    return np.asarray(by_pool.reindex(curves.group_value, fill_value=0), dtype=np.int64)


def _warm(
    curves: Curves,
    rows: Mapping[str, NDArray[Any]],
    periods_s: Int64s,
    today_s: Int64s,
    name: str,
    value: float | None,
) -> WarmOption:
    place = np.searchsorted(curves.group_value, rows["pool_id"])
    columns = curves.columns_at(np.arange(len(curves)), periods_s)
    return WarmOption(
        levers=() if name == "as today" else ("keep_alive",),
        label=name,
        is_hit=np.asarray(rows["gap_s"] < periods_s[place]),
        idle_usd=float(np.nansum(columns["retained_cost_usd"])),
        changed_pools=frozenset(curves.group_value[periods_s != today_s].tolist()),
        cost_of_delay_usd_per_h=value,
        period_by_pool=dict(zip(curves.group_value.tolist(), periods_s.tolist(), strict=True)),
    )


def _as_one(option: WarmOption, merged: Merged, rows: Mapping[str, NDArray[Any]]) -> WarmOption:
    """Return an option with the pools of every advised merge made one."""
    is_hit, job_id, idle_usd = merged.replayed(option.period_by_pool)
    order = np.argsort(job_id)
    place = order[np.searchsorted(job_id, rows["job_id"], sorter=order)]
    merged_pools = {pool for group in merged.groups for pool in group.pool_ids}
    return replace(
        option,
        levers=(*option.levers, "merge_pools"),
        label=f"{option.label}, merged pools their own",
        is_hit=is_hit[place],
        idle_usd=idle_usd,
        changed_pools=option.changed_pools | merged_pools,
    )


def _marked(points: pd.DataFrame, target_s: float | None) -> pd.DataFrame:
    """Mark the frontier, and the cheapest point that meets the target: of equals the simplest.

    Without a target, it is today's P90.
    """
    points = points.sort_values(
        ["startup_latency_p90_s", "cost_change_usd_per_month", "lever_count"], ignore_index=True
    )
    points["is_on_frontier"] = is_on_frontier(
        points["startup_latency_p90_s"].to_numpy(), points["cost_change_usd_per_month"].to_numpy()
    )
    if target_s is None:
        target_s = float(points["startup_latency_p90_s"][points["lever_count"] == 0].iloc[0])
    meets = points[points["startup_latency_p90_s"] <= target_s]
    best = meets.sort_values(["cost_change_usd_per_month", "lever_count"], kind="stable").index[:1]
    points["is_cheapest"] = points.index.isin(best)
    points["is_today"] = points["lever_count"] == 0
    return points
