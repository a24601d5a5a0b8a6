"""What a change of one lever saves: starts of jobs that are alike but for it, in the user's history.

Definition: docs/metrics/startup_advice.md. The option is chosen on the even days and what it saves
is read on the odd ones, so that the luck of the choice is not in the figure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.quantities import SECONDS_PER_HOUR
from analytics.stats.matched import LEAST_DAYS, Estimate, Strata, estimate, strata

Floats = NDArray[np.float64]

LEAST_JOBS = 10
"""Matched jobs on either side, on the days of the choice and on those of the reading."""

TARGETS = {
    "input_mode": ("File", "FastFile", "Pipe"),
    "file_system": ("FSxLustre", "EFS"),
    "image_changes": ("same_image",),
    "profiler": ("not_profiled",),
}
"""What a lever can be set to, where not every option is one."""

START_KINDS = ("cold", "warm")
_WAIT, _BILLED = 0, 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one option would save the jobs that do not have it, a month; None is unknown.

    `saved_s` is of one start; `p_value` of the net gain, of the wait where no price is known.
    `by_kind` are the wait and the billed seconds that a cold and a warm start save.
    """

    target: str
    current: str
    matched_job_count: int
    other_job_count: int
    day_count: int
    is_one_after_the_other: bool
    touched_per_month: float
    saved: Estimate
    billed_saved_s: float | None
    cash_usd: float | None
    wait_saved_h: float
    net: Estimate | None
    by_kind: dict[str, tuple[float, float]]

    @property
    def p_value(self) -> float:
        """How likely chance alone makes the gain look as good."""
        return self.saved.p_value if self.net is None else self.net.p_value


@dataclass(frozen=True, slots=True)
class Group:
    """One lever of one pool: its options in the recent days, and what a comparison found.

    `is_worth_it` is what the days of the choice say; None: no option has enough matched jobs.
    """

    lever: str
    pool_id: int
    current: str
    job_count: int
    recent_job_count: int
    has_alternative: bool
    billed_h_per_month: float
    billed_usd_per_month: float
    comparison: Comparison | None
    is_worth_it: bool | None


def compared_groups(
    rows: pd.DataFrame, *, months: float, value_usd_per_h: float
) -> Iterator[Group]:
    """Yield every lever of every pool that somebody uses now.

    Args:
        rows: sums as startup_options.sql gives them.
        months: of 730 h, that the rows marked as recent cover.
        value_usd_per_h: what an hour of waiting costs.
    """
    if rows.empty:
        return
    keys = ["lever", "pool_id"]
    is_own = ~(
        (rows["lever"] == "file_system") & rows["choice"].isin(TARGETS["file_system"])
    )  # the file systems' starts are those of other pools
    rows = rows.assign(
        is_recent=rows["is_recent"].astype(bool) & is_own,
        own_count=rows["job_count"].where(is_own, 0),
        billed_usd=rows["billed_s"]
        * (rows["usd_per_h"] / rows["priced_count"].where(rows["priced_count"] > 0)),
    )
    recent = rows[rows["is_recent"]]
    by_choice = recent.groupby([*keys, "choice"])["job_count"].sum().reset_index()
    most = by_choice.sort_values(
        [*keys, "job_count", "choice"], ascending=[True, True, False, True]
    ).drop_duplicates(keys)
    sums = recent.groupby(keys)[["billed_s", "billed_usd"]].sum(min_count=1)
    now = most.drop(columns="job_count").merge(sums.reset_index(), on=keys)
    own = rows.groupby(keys).agg(
        job_count=("own_count", "sum"),
        choice_count=("choice", "nunique"),
    )
    counts = recent.groupby(keys)["job_count"].sum().rename("recent_job_count")
    now = now.merge(own.reset_index(), on=keys).merge(counts.reset_index(), on=keys)
    members = dict(iter(rows[rows["stratum"].notna()].groupby(keys)))
    for row in now.to_dict("records"):
        lever, pool_id = str(row["lever"]), int(row["pool_id"])
        found, targets = None, list[str]()
        if row["choice_count"] > 1:
            part = members[lever, pool_id]
            targets = _targets(lever, part)
            found = _best(targets, part, months=months, value_usd_per_h=value_usd_per_h)
        yield Group(
            lever=lever,
            pool_id=pool_id,
            current=str(row["choice"]),
            job_count=int(row["job_count"]),
            recent_job_count=int(row["recent_job_count"]),
            has_alternative=bool(targets),
            billed_h_per_month=float(row["billed_s"]) / SECONDS_PER_HOUR / months,
            billed_usd_per_month=float(row["billed_usd"]) / SECONDS_PER_HOUR / months,
            comparison=found[0] if found else None,
            is_worth_it=found[1] if found else None,
        )


def _targets(lever: str, rows: pd.DataFrame) -> list[str]:
    """Return what the lever can be set to, of what jobs had."""
    return sorted(set(rows["choice"]) & set(TARGETS.get(lever, rows["choice"])))


def _best(
    targets: list[str], rows: pd.DataFrame, *, months: float, value_usd_per_h: float
) -> tuple[Comparison, bool] | None:
    """Return the option that the even days choose, read on the odd ones, and whether they do."""
    best, best_gain = None, -np.inf
    is_even = rows["day"].to_numpy(dtype=np.int64) % 2 == 0
    for target in targets:
        early, late = (
            compare(rows, is_half, target, months=months, value_usd_per_h=value_usd_per_h)
            for is_half in (is_even, ~is_even)
        )
        if early is None or late is None:
            continue
        gain = early.saved.value if early.net is None else early.net.value
        if gain > best_gain:
            best, best_gain = late, gain
    return None if best is None else (best, bool(best_gain > 0))


def compare(
    rows: pd.DataFrame,
    is_day: NDArray[np.bool_],
    target: str,
    *,
    months: float,
    value_usd_per_h: float,
) -> Comparison | None:
    """Return what `target` saves, read on some days; None without enough matched jobs.

    A stratum (jobs that are alike, with one kind of start) counts by its recent jobs with another
    option: those are the ones that would change.
    """
    alike = rows["start_kind"].astype(str) + rows["stratum"].astype(str)
    kinds, stratum = np.unique(alike, return_inverse=True)
    side = (rows["choice"] == target).to_numpy().astype(np.int64)
    counts = rows[["job_count", "billed_count"]].to_numpy(dtype=np.float64)
    totals = rows[["wait_s", "billed_s"]].to_numpy(dtype=np.float64)
    width = len(kinds)
    is_touched = rows["is_recent"].to_numpy(dtype=bool) & (side == 0)
    touched: Floats = np.bincount(stratum[is_touched], counts[is_touched, _WAIT], width)
    touched = touched.astype(np.float64)
    seen = np.zeros((width, 2))
    np.add.at(seen, (stratum[is_day], side[is_day]), counts[is_day, _WAIT])
    is_matched = (seen > 0).all(axis=1) & (touched > 0)
    matched = seen[is_matched].sum(axis=0)
    if matched.min(initial=np.inf) < LEAST_JOBS or not is_matched.any():
        return None
    # only what can be compared is claimed, and only of its jobs
    keep = is_day & is_matched[stratum]
    days = rows["day"].to_numpy(dtype=np.int64)
    of = strata(days[keep], stratum[keep], side[keep], counts[keep], totals[keep])
    if of.day_count < LEAST_DAYS:
        return None
    used = len(of.differences)
    touched = np.where(is_matched, touched, 0.0)[:used]
    again = of.resampled()
    usd_per_h = _prices(rows[is_touched], stratum[is_touched], width)[:used]
    zeros = np.zeros(used)
    saved = estimate(of, again, np.column_stack([touched / touched.sum(), zeros]))
    a_month = touched / months / SECONDS_PER_HOUR
    differences = of.differences
    is_billed_known = bool((~np.isnan(differences[:, _BILLED]) | (touched == 0)).all())
    is_priced = bool((~np.isnan(usd_per_h) | (touched == 0)).all())
    wait_saved_h = float((a_month * np.nan_to_num(differences[:, _WAIT])).sum())
    cash, net, billed = None, None, None
    if is_billed_known:
        billed = float((touched * np.nan_to_num(differences[:, _BILLED])).sum() / touched.sum())
    if is_billed_known and is_priced:
        per_billed = a_month * np.nan_to_num(usd_per_h)
        cash = float((per_billed * np.nan_to_num(differences[:, _BILLED])).sum())
        net = estimate(of, again, np.column_stack([a_month * value_usd_per_h, per_billed]))
    others = rows[is_touched].groupby("choice")["job_count"].sum().sort_index()
    return Comparison(
        target=target,
        current=str(others.idxmax()),
        matched_job_count=int(matched.sum()),
        other_job_count=int(matched[0]),
        day_count=int(np.ptp(days[keep])) + 1,
        is_one_after_the_other=_is_one_after_the_other(days[keep], side[keep]),
        touched_per_month=float(touched.sum()) / months,
        saved=saved,
        billed_saved_s=billed,
        cash_usd=cash,
        wait_saved_h=wait_saved_h,
        net=net,
        by_kind=_by_kind(of, kinds[:used], touched),
    )


def _prices(rows: pd.DataFrame, stratum: NDArray[np.int64], width: int) -> Floats:
    """Return the mean price of a cluster of each stratum, USD per hour; NaN if any is unknown."""
    priced = np.bincount(stratum, rows["priced_count"], width)
    is_whole = priced == np.bincount(stratum, rows["job_count"], width)
    total = np.bincount(stratum, rows["usd_per_h"].fillna(0.0), width)
    known = is_whole & (priced > 0)
    return np.asarray(np.divide(total, priced, out=np.full(width, np.nan), where=known))


def _is_one_after_the_other(day: NDArray[np.int64], side: NDArray[np.int64]) -> bool:
    """Whether one option was no longer in use when the other came."""
    first, second = day[side == 0], day[side == 1]
    return bool(first.max() < second.min() or second.max() < first.min())


def _by_kind(of: Strata, kinds: NDArray[Any], touched: Floats) -> dict[str, tuple[float, float]]:
    """Return what a start of each kind saves: wait and billed seconds; nothing where not matched."""
    found = {}
    for kind in START_KINDS:
        is_kind = np.array([name.startswith(kind) for name in kinds], dtype=bool)
        weights = np.where(is_kind, touched, 0.0)
        differences = of.differences
        saved = [0.0, 0.0]
        for outcome in (_WAIT, _BILLED):
            known = ~np.isnan(differences[:, outcome]) & (weights > 0)
            if known.any():
                saved[outcome] = float(
                    np.average(differences[known, outcome], weights=weights[known])
                )
        found[kind] = (saved[_WAIT], saved[_BILLED])
    return found
