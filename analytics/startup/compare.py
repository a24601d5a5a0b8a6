"""What a change of one lever saves: starts of jobs that are alike but for it, in the user's history.

Definition: docs/metrics/startup_advice.md. The option is chosen on the even days and what it saves
is read on the odd ones, so that the luck of the choice is not in the figure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

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
    choice_count: int
    most_matched: int
    billed_h_per_month: float
    billed_usd_per_month: float
    wait_h_per_month: float
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
    for (lever, pool_id), part in rows.groupby(["lever", "pool_id"], sort=True):
        group = _group(str(lever), int(pool_id), part, months, value_usd_per_h)
        if group is not None:
            yield group


def _group(
    lever: str, pool_id: int, rows: pd.DataFrame, months: float, value_usd_per_h: float
) -> Group | None:
    allowed = TARGETS.get(lever)
    is_own = np.ones(len(rows), dtype=bool)
    if lever == "file_system":
        # the file systems' starts are those of other pools
        is_own = ~rows["choice"].isin(allowed or ()).to_numpy()
    recent = rows[rows["is_recent"].to_numpy(dtype=bool) & is_own]
    if recent.empty:
        return None
    jobs = recent.groupby("choice")["job_count"].sum().sort_index()
    choices = sorted(rows["choice"].unique())
    priced = recent["usd_per_h"] / recent["priced_count"].where(recent["priced_count"] > 0)
    found, most = _best(rows, choices, allowed, months, value_usd_per_h)
    comparison, is_worth_it = found if found else (None, None)
    return Group(
        lever=lever,
        pool_id=pool_id,
        current=str(jobs.idxmax()),
        job_count=int(rows["job_count"][is_own].sum()),
        recent_job_count=int(jobs.sum()),
        choice_count=len(choices),
        most_matched=most,
        billed_h_per_month=float(recent["billed_s"].sum()) / SECONDS_PER_HOUR / months,
        billed_usd_per_month=float((recent["billed_s"] * priced).sum(min_count=1))
        / SECONDS_PER_HOUR
        / months,
        wait_h_per_month=float(recent["wait_s"].sum()) / SECONDS_PER_HOUR / months,
        comparison=comparison,
        is_worth_it=is_worth_it,
    )


def _best(
    rows: pd.DataFrame,
    choices: list[str],
    allowed: tuple[str, ...] | None,
    months: float,
    value_usd_per_h: float,
) -> tuple[tuple[Comparison, bool] | None, int]:
    """Return the option that the even days choose, read on the odd ones, and the most matches."""
    best, best_gain, most = None, -np.inf, 0
    if len(choices) > 1:
        is_even = rows["day"].to_numpy(dtype=np.int64) % 2 == 0
        for target in choices:
            if allowed is not None and target not in allowed:
                continue
            early = compare(rows, is_even, target, months=months, value_usd_per_h=value_usd_per_h)
            late = compare(rows, ~is_even, target, months=months, value_usd_per_h=value_usd_per_h)
            for half in (early, late):
                most = max(most, 0 if half is None else half.matched_job_count)
            if early is None or late is None:
                continue
            gain = early.saved.value if early.net is None else early.net.value
            if gain > best_gain:
                best, best_gain = late, gain
    return (None if best is None else (best, bool(best_gain > 0))), most


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
    touched = np.bincount(stratum[is_touched], counts[is_touched, _WAIT], width)
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


def _by_kind(of: Strata, kinds: NDArray[np.str_], touched: Floats) -> dict[str, tuple[float, float]]:
    """Return what a start of each kind saves: wait and billed seconds; nothing where not matched."""
    found = {}
    for kind in START_KINDS:
        weights = np.where(np.char.startswith(kinds, kind), touched, 0.0)
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
