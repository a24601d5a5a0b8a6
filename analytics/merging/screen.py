"""Which groups of pools are worth judging: a quick look at every pair, then larger groups.

Definition: docs/metrics/pool_merges.md. What is seen here is hindsight, and only ranks; what a
group gains is judged on other days, in analytics/merging/judge.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from analytics.derived.key_diff import MOST_DIFFERING_FIELDS
from analytics.keep_alive.recent import is_silent, recent_from
from analytics.merging.unions import Parts, costs_today, has_price, least_costs, unite
from analytics.quantities import HOURS_PER_DAY, HOURS_PER_MONTH

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]
Unit = tuple[int, ...]

JOBS_AT_ONCE = 1_000_000
# groups grow from so many pairs, by so many candidates each time, while their jobs are so few
SEEDS, CANDIDATES, MOST_PARTS, GROWING_JOBS = 100, 20, 16, 10_000_000
# a larger group must gain so much more: each pool in it is a change for somebody
LEAST_GROWTH = 1.02


@dataclass(frozen=True, slots=True)
class Spans:
    """The days of each part: first, last, and last with a job, since 1970."""

    first_day: Int64s
    last_day: Int64s
    last_job_day: Int64s


@dataclass(frozen=True, slots=True)
class Screened:
    """What a quick look says of each unit; USD a month, or seconds of a cluster without a price."""

    from_day: Int64s
    last_day: Int64s
    job_count: Int64s
    """Those that are judged, as are the days."""
    span_days: Int64s
    active_count: Int64s
    """The parts that have jobs in these days."""
    is_silent: NDArray[np.bool_]
    has_price: NDArray[np.bool_]
    cost_today: Floats
    """No merge can gain more."""
    hindsight: Floats
    """What the union's best period would have gained over each part's best."""

    def __len__(self) -> int:
        """Return how many units there are."""
        return len(self.from_day)


def month_count(from_day: Int64s, last_day: Int64s) -> Floats:
    """Return the months of 730 h of some days."""
    return np.asarray((last_day - from_day + 1) * HOURS_PER_DAY / HOURS_PER_MONTH)


def grid_s(limit_s: int) -> Int64s:
    """Return the periods of the quick look."""
    if limit_s < 1:
        return np.array([0], dtype=np.int64)
    grown = np.geomspace(min(15, limit_s), limit_s, 40).astype(np.int64)
    return np.unique(np.concatenate([[0], grown]))


def chunks(units: Sequence[Unit], sizes: Int64s) -> Iterator[slice]:
    """Yield runs of units of so many jobs that memory holds them."""
    jobs = np.array([int(sizes[list(unit)].sum()) for unit in units], dtype=np.int64)
    number = np.cumsum(jobs) // JOBS_AT_ONCE
    starts = [*np.flatnonzero(np.diff(number, prepend=-1)).tolist(), len(units)]
    yield from (slice(first, last) for first, last in zip(starts[:-1], starts[1:], strict=True))


def screen(
    parts: Parts, spans: Spans, units: Sequence[Unit], value_usd_per_h: float, limit_s: int
) -> Screened:
    """Look at units: when they are alike, and what their best period gains in hindsight."""
    alone = _alone(parts, value_usd_per_h, limit_s)
    found = [
        _screen(parts, spans, units[chunk], alone, value_usd_per_h, limit_s)
        for chunk in chunks(units, parts.sizes)
    ]
    if not found:
        whole, exact = np.array([], dtype=np.int64), np.array([], dtype=np.float64)
        flags = np.array([], dtype=np.bool_)
        return Screened(whole, whole, whole, whole, whole, flags, flags, exact, exact)
    return Screened(*(np.concatenate([getattr(one, field.name) for one in found])
                      for field in fields(Screened)))  # fmt: skip


def _alone(parts: Parts, value_usd_per_h: float, limit_s: int) -> Floats:
    """Return what each part costs alone, with its best period or as today."""
    every_day = np.full(len(parts), np.iinfo(np.int64).min)
    return np.minimum(
        least_costs(parts.jobs, grid_s(limit_s), value_usd_per_h),
        costs_today(parts.jobs, parts.own, value_usd_per_h, every_day),
    )


def _screen(
    parts: Parts,
    spans: Spans,
    units: Sequence[Unit],
    alone: Floats,
    value_usd_per_h: float,
    limit_s: int,
) -> Screened:
    united, own = unite(parts, units)
    members = np.array([part for unit in units for part in unit], dtype=np.int64)
    starts = np.cumsum([0] + [len(unit) for unit in units])[:-1]
    first_day = np.minimum.reduceat(spans.first_day[members], starts)
    last_day = np.maximum.reduceat(spans.last_day[members], starts)
    last_job_day = np.maximum.reduceat(spans.last_job_day[members], starts)
    from_day, pause = recent_from(united, first_day, last_day)
    unit = united.pool_id
    is_recent = united.is_counted & (united.created_day >= from_day[unit])
    far = np.iinfo(np.int64).max
    first_job_day = np.minimum.reduceat(
        np.where(is_recent, united.created_day, far), united.offsets[:-1]
    )
    is_active = spans.last_job_day[members] >= np.repeat(from_day, [len(one) for one in units])
    months = month_count(from_day, last_day)
    together = least_costs(united, grid_s(limit_s), value_usd_per_h)
    return Screened(
        from_day=from_day,
        last_day=last_day,
        job_count=np.bincount(unit[is_recent], minlength=len(units)),
        span_days=np.where(first_job_day == far, 0, last_job_day - first_job_day + 1),
        active_count=np.add.reduceat(is_active.astype(np.int64), starts),
        is_silent=is_silent(last_day - last_job_day, pause),
        has_price=has_price(united, from_day),
        cost_today=costs_today(united, own, value_usd_per_h, from_day) / months,
        hindsight=(np.add.reduceat(alone[members], starts) - together)
        / month_count(first_day, last_day),
    )


def grow(
    parts: Parts,
    spans: Spans,
    codes: Int64s,
    stakes: Floats,
    pairs: Sequence[Unit],
    hindsight: Floats,
    value_usd_per_h: float,
    limit_s: int,
) -> list[Unit]:
    """Return groups of more than two parts that differ in one or two fields over all of them.

    From the best pairs that share no part, each adds the part that gains most in hindsight, as
    long as one adds something.
    """
    growing = _seeds(pairs, hindsight)
    alone = _alone(parts, value_usd_per_h, limit_s)
    grown: dict[Unit, None] = {}
    left = GROWING_JOBS
    while growing and left > 0:
        trials = [
            (unit, gain, tuple(sorted((*unit, part))))
            for unit, gain in growing.items()
            for part in _joinable(codes, stakes, unit)
        ]
        trials = trials[: _within(parts, [trial for _, _, trial in trials], left)]
        units = list(dict.fromkeys(trial for _, _, trial in trials))
        left -= sum(int(parts.sizes[list(unit)].sum()) for unit in units)
        gains = dict[Unit, float]()
        for chunk in chunks(units, parts.sizes):
            seen = _screen(parts, spans, units[chunk], alone, value_usd_per_h, limit_s)
            gains |= dict(zip(units[chunk], seen.hindsight.tolist(), strict=True))
        best = dict[Unit, Unit]()
        for unit, gain, trial in trials:
            if gains[trial] > gains.get(best.get(unit, ()), gain * LEAST_GROWTH):
                best[unit] = trial
        growing = {trial: gains[trial] for trial in best.values() if len(trial) < MOST_PARTS}
        for unit, trial in best.items():
            grown.pop(unit, None)
            grown[trial] = None
    return list(grown)


def _seeds(pairs: Sequence[Unit], hindsight: Floats) -> dict[Unit, float]:
    seeds, used = dict[Unit, float](), set[int]()
    for place in np.argsort(-hindsight, kind="stable"):
        if hindsight[place] <= 0 or len(seeds) == SEEDS:
            break
        if used.isdisjoint(pairs[place]):
            seeds[pairs[place]] = float(hindsight[place])
            used.update(pairs[place])
    return seeds


def _joinable(codes: Int64s, stakes: Floats, unit: Unit) -> list[int]:
    """Return parts with which a unit still differs in at most two fields, of high stakes first."""
    own = codes[list(unit)]
    differs = (own != own[0]).any(axis=0) | (codes != own[0])
    can_join = ~differs[:, 0] & (differs[:, 1:].sum(axis=1) <= MOST_DIFFERING_FIELDS)
    can_join[list(unit)] = False
    found = np.flatnonzero(can_join)
    best = found[np.argsort(-stakes[found], kind="stable")][:CANDIDATES]
    return [int(part) for part in best]


def _within(parts: Parts, units: Sequence[Unit], most_jobs: int) -> int:
    """Return how many of the units have so many jobs together."""
    jobs = np.cumsum([int(parts.sizes[list(unit)].sum()) for unit in units])
    return int(np.searchsorted(jobs, most_jobs, side="right"))
