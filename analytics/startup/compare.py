"""What a change of one lever saves, by starts that are alike but for it, in the user's history.

Definition: docs/metrics/startup_advice.md. The option is chosen on the even days and what it saves
is read on the odd ones, so that the luck of the choice is not in the figure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.quantities import SECONDS_PER_HOUR
from analytics.stats.matched import LEAST_DAYS, Estimate, Strata, estimate, strata

Floats = NDArray[np.float64]
Int64s = NDArray[np.int64]
Flags = NDArray[np.bool_]

LEAST_JOBS = 10
"""Matched jobs on either side, on the days of the choice and on those of the reading."""

MOST_TARGETS = 5
"""Options that are tried where any option is one: images may be thousands."""

RARE = "rarely_used"
"""What startup_options.sql calls images of fewer jobs than can be compared."""

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
class Cells:
    """Rows of startup_options.sql as arrays: jobs are alike where `alike` is one number.

    `count` and `total` have a column for the wait and one for the billed seconds.
    """

    choice: NDArray[np.object_]
    alike: Int64s
    is_warm: Flags
    day: Int64s
    is_recent: Flags
    count: Floats
    total: Floats
    priced_count: Floats
    usd_per_h: Floats

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Self:
        """Return rows that have days and strata."""
        kinds, strata_of = pd.factorize(rows["start_kind"])[0], pd.factorize(rows["stratum"])[0]
        return cls(
            choice=rows["choice"].to_numpy(dtype=object),
            alike=(2 * strata_of + kinds).astype(np.int64),
            is_warm=(rows["start_kind"] == "warm").to_numpy(dtype=bool),
            day=rows["day"].to_numpy(dtype=np.int64),
            is_recent=rows["is_recent"].to_numpy(dtype=bool),
            count=rows[["job_count", "billed_count"]].to_numpy(dtype=np.float64),
            total=rows[["wait_s", "billed_s"]].to_numpy(dtype=np.float64),
            priced_count=rows["priced_count"].to_numpy(dtype=np.float64),
            usd_per_h=rows["usd_per_h"].fillna(0.0).to_numpy(dtype=np.float64),
        )

    def part(self, places: Any) -> Self:
        """Return some of the rows."""
        return type(self)(*(getattr(self, name)[places] for name in self.__dataclass_fields__))


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
    several = rows[rows["stratum"].notna()]
    cells, members = Cells.of(several), several.groupby(keys).indices
    for row in now.to_dict("records"):
        lever, pool_id = str(row["lever"]), int(row["pool_id"])
        found, targets = None, list[str]()
        if row["choice_count"] > 1:
            part = cells.part(members[lever, pool_id])
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


def _targets(lever: str, cells: Cells) -> list[str]:
    """Return what the lever can be set to, of what jobs had: the most used of many."""
    # asked of every lever of every pool: a frame for each would take longer than the comparison
    choices, place = np.unique(cells.choice, return_inverse=True)
    jobs = dict(zip(map(str, choices), np.bincount(place, cells.count[:, _WAIT]), strict=True))
    jobs.pop(RARE, None)
    allowed = TARGETS.get(lever)
    if allowed is not None:
        return sorted(set(jobs) & set(allowed))
    often = [choice for choice, count in jobs.items() if count >= 2 * LEAST_JOBS]
    return sorted(often, key=lambda choice: (-jobs[choice], choice))[:MOST_TARGETS]


def _best(
    targets: list[str], cells: Cells, *, months: float, value_usd_per_h: float
) -> tuple[Comparison, bool] | None:
    """Return the option that the even days choose, read on the odd ones, and whether they do."""
    best, best_gain = None, -np.inf
    is_even = cells.day % 2 == 0
    for target in targets:
        early, late = (
            compare(cells, is_half, target, months=months, value_usd_per_h=value_usd_per_h)
            for is_half in (is_even, ~is_even)
        )
        if early is None or late is None:
            continue
        gain = early.saved.value if early.net is None else early.net.value
        if gain > best_gain:
            best, best_gain = late, gain
    return None if best is None else (best, bool(best_gain > 0))


def compare(
    cells: Cells, is_day: Flags, target: str, *, months: float, value_usd_per_h: float
) -> Comparison | None:
    """Return what `target` saves, read on some days; None without enough matched jobs.

    A stratum (jobs that are alike, with one kind of start) counts by its recent jobs with another
    option: those are the ones that would change.
    """
    _, first, stratum = np.unique(cells.alike, return_index=True, return_inverse=True)
    width, is_warm = len(first), cells.is_warm[first]
    side = (cells.choice == target).astype(np.int64)
    jobs = cells.count[:, _WAIT]
    is_touched = cells.is_recent & (side == 0)
    touched = np.zeros(width)
    np.add.at(touched, stratum[is_touched], jobs[is_touched])
    seen = np.zeros((width, 2))
    np.add.at(seen, (stratum[is_day], side[is_day]), jobs[is_day])
    is_matched = (seen > 0).all(axis=1) & (touched > 0)
    matched = seen[is_matched].sum(axis=0)
    if not is_matched.any() or matched.min() < LEAST_JOBS:
        return None
    # only what can be compared is claimed, and only of its jobs
    keep = is_day & is_matched[stratum]
    days = cells.day[keep]
    of = strata(days, stratum[keep], side[keep], cells.count[keep], cells.total[keep])
    if of.day_count < LEAST_DAYS:
        return None
    used = len(of.differences)
    touched = np.where(is_matched, touched, 0.0)[:used]
    again = of.resampled()
    usd_per_h = _prices(cells.part(is_touched), stratum[is_touched], width)[:used]
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
    others = {
        choice: jobs[is_touched & (cells.choice == choice)].sum()
        for choice in sorted(set(cells.choice[is_touched]))
    }
    return Comparison(
        target=target,
        current=max(others, key=lambda choice: others[choice]),
        matched_job_count=int(matched.sum()),
        other_job_count=int(matched[0]),
        day_count=int(np.ptp(days)) + 1,
        is_one_after_the_other=_is_one_after_the_other(days, side[keep]),
        touched_per_month=float(touched.sum()) / months,
        saved=saved,
        billed_saved_s=billed,
        cash_usd=cash,
        wait_saved_h=wait_saved_h,
        net=net,
        by_kind=_by_kind(of, is_warm[:used], touched),
    )


def _prices(cells: Cells, stratum: Int64s, width: int) -> Floats:
    """Return the mean price of a cluster of each stratum, USD per hour; NaN if any is unknown."""
    priced = np.bincount(stratum, cells.priced_count, width)
    is_whole = priced == np.bincount(stratum, cells.count[:, _WAIT], width)
    total = np.bincount(stratum, cells.usd_per_h, width)
    known = is_whole & (priced > 0)
    return np.asarray(np.divide(total, priced, out=np.full(width, np.nan), where=known))


def _is_one_after_the_other(day: Int64s, side: Int64s) -> bool:
    """Whether one option was no longer in use when the other came."""
    first, second = day[side == 0], day[side == 1]
    return bool(first.max() < second.min() or second.max() < first.min())


def _by_kind(of: Strata, is_warm: Flags, touched: Floats) -> dict[str, tuple[float, float]]:
    """Return what a start of each kind saves, waited and billed seconds; 0 where not matched."""
    found = {}
    for kind in START_KINDS:
        weights = np.where(is_warm == (kind == "warm"), touched, 0.0)
        saved = [0.0, 0.0]
        for outcome in (_WAIT, _BILLED):
            differences = of.differences[:, outcome]
            known = ~np.isnan(differences) & (weights > 0)
            if known.any():
                saved[outcome] = float(np.average(differences[known], weights=weights[known]))
        found[kind] = (saved[_WAIT], saved[_BILLED])
    return found
