"""What merging groups of pools gains, judged on other days than their periods were chosen on.

Definition: docs/metrics/pool_merges.md. The union and each part choose their best periods on the
same days, and are read on the same days left out, in each resample too: so that what the merge adds
to the parts' own advice has an interval of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.derived.matching import NEVER, UNKNOWN
from analytics.keep_alive.curve import NO_PERIOD
from analytics.keep_alive.decide import Objective
from analytics.keep_alive.gains import LONGEST_S, Gains, tabulate, weighed
from analytics.keep_alive.judge import CrossFitGains, Resampled, resampled, with_intervals
from analytics.keep_alive.replay import Jobs, idle_peaks
from analytics.keep_alive.rounding import in_minutes
from analytics.keep_alive.target import p90_s
from analytics.merging.latencies import shortest_periods, unit_latencies
from analytics.merging.screen import Screened, Unit, chunks
from analytics.merging.unions import Parts, costs_today, has_price, unite
from analytics.quantities import SECONDS_PER_HOUR

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MergeGains:
    """What each unit gains in the days that are judged.

    `over_parts` is the gain over each part with its own best period, or as today where that gains
    nothing on other days; `over_today` that over each job's own period.
    """

    over_parts: CrossFitGains
    over_today: CrossFitGains
    advised_s: Int64s
    """The union's best period on all days, in minutes where that loses hardly anything."""
    p90_s: Floats
    """The union's P90 startup latency with that period, or the longest allowed where none meets the
    target; NaN without a target, or with too few known."""
    peak_idle_instances: Int64s
    has_price: NDArray[np.bool_]
    cost_today: Floats


def judge_units(
    parts: Parts,
    units: Sequence[Unit],
    seen: Screened,
    current_s: Int64s,
    objective: Objective,
) -> list[MergeGains]:
    """Judge units, in runs of them; `current_s` are the periods of the parts today."""
    return [
        _judge(parts, units[chunk], seen, chunk, current_s, objective)
        for chunk in chunks(units, parts.sizes)
    ]


def _judge(
    parts: Parts,
    units: Sequence[Unit],
    seen: Screened,
    chunk: slice,
    current_s: Int64s,
    objective: Objective,
) -> MergeGains:
    value_usd_per_h, limit_s = objective.value_of_waiting_usd_per_h, objective.limit_s
    # the unions, then the parts of each, all in the days of their union
    alone = [(part,) for unit in units for part in unit]
    whole = np.repeat(np.arange(len(units)), [len(unit) for unit in units])
    of_unit = np.concatenate([np.arange(len(units)), whole])
    every: list[Unit] = [*units, *alone]
    jobs, own = unite(parts, every)
    from_day, last_day = seen.from_day[chunk][of_unit], seen.last_day[chunk][of_unit]
    today_s = np.array(
        [NO_PERIOD] * len(units) + [current_s[part] for (part,) in alone], dtype=np.int64
    )
    is_priced = has_price(jobs, from_day)
    steps_s = [_steps_s(jobs, unit) for unit in range(len(every))]
    gains = tabulate(
        [(jobs, own)],
        weighed(steps_s, today_s),
        is_priced,
        first_day=from_day,
        day_count=last_day - from_day + 1,
        together=False,
    )
    least_s, is_missed = np.zeros(len(every), dtype=np.int64), np.zeros(len(every), np.bool_)
    latencies = None
    if objective.p90_target_s is not None:
        latencies = unit_latencies(parts, every, jobs)
        least_s = shortest_periods(steps_s, latencies, objective.p90_target_s, limit_s)
        is_missed = p90_s(latencies, np.maximum(today_s, 0)) > objective.p90_target_s
    # whoever cannot meet the target stays as it is: no period is long enough
    is_out_of_reach = least_s == NO_PERIOD
    found = resampled(
        gains,
        np.full(len(every), value_usd_per_h),
        limit_s=limit_s,
        current_s=today_s,
        least_s=np.where(is_out_of_reach, NEVER, least_s),
    )
    follows = (found.sums[:, 4] > 0) | (is_missed & ~is_out_of_reach)
    least_s = least_s[: len(units)]
    best_s = _best_s(gains, least_s, value_usd_per_h, limit_s)
    advised_s, _ = in_minutes(
        best_s,
        lambda periods_s: np.array(
            [
                _cost(jobs, unit, from_day[unit], is_priced[unit], period_s, value_usd_per_h)
                for unit, period_s in enumerate(periods_s.tolist())
            ]
        ),
        costs_today(jobs, own, value_usd_per_h, from_day)[: len(units)],
        limit_s=limit_s,
        least_s=least_s,
    )
    advised_p90_s = np.full(len(units), np.nan)
    if latencies is not None:
        reached_s = np.where(is_out_of_reach[: len(units)], limit_s, advised_s)
        advised_p90_s = p90_s(latencies, np.append(reached_s, today_s[len(units) :]))[: len(units)]
    peaks = idle_peaks(jobs.releases(), [*np.maximum(advised_s, 0).reshape(-1, 1),
                                         *np.zeros((len(alone), 1), dtype=np.int64)])  # fmt: skip
    return MergeGains(
        over_parts=with_intervals(_over_parts(found, follows[len(units) :], whole)),
        over_today=with_intervals(_first(found, len(units))),
        advised_s=advised_s,
        p90_s=advised_p90_s,
        peak_idle_instances=np.array([peak[0] for peak in peaks[: len(units)]], dtype=np.int64),
        has_price=is_priced[: len(units)],
        cost_today=seen.cost_today[chunk],
    )


def _first(of: Resampled, count: int) -> Resampled:
    return Resampled(of.sums[:count], of.again[:count], of.pays_from[:count])


def _over_parts(found: Resampled, follows: NDArray[np.bool_], whole: Int64s) -> Resampled:
    """Return the gains of the first units less those of their parts, which come after them.

    A part that does not follow its own advice stays as it is.
    """
    count = len(found.sums) - len(follows)
    sums, again = found.sums[:count].copy(), found.again[:count].copy()
    for column in range(5):
        of_parts = np.where(follows, found.sums[count:, column], 0.0)
        sums[:, column] -= np.bincount(whole, of_parts, minlength=count)
    np.subtract.at(again, whole, np.where(follows[:, None], found.again[count:], 0.0))
    return Resampled(sums, again, found.pays_from[:count])


def _steps_s(jobs: Jobs, unit: int) -> Int64s:
    """Return 0 and every period that hits one gap more."""
    rows = slice(jobs.offsets[unit], jobs.offsets[unit + 1])
    gaps_us = jobs.gap_us[rows][jobs.is_counted[rows]]
    gaps_s = gaps_us[(gaps_us != UNKNOWN) & (gaps_us < LONGEST_S * 1_000_000)] // 1_000_000
    return np.union1d([0], gaps_s + 1).astype(np.int64)


def _best_s(gains: Gains, least_s: Int64s, value_usd_per_h: float, limit_s: int) -> Int64s:
    """Return the period of each of the first units that gains most on all days; ties: shortest.

    It is one of at least `least_s`.
    """
    best_s = np.maximum(least_s, 0)
    for unit in range(len(best_s)):
        periods_s = gains.periods_s[gains.bounds[unit] : gains.bounds[unit + 1]]
        cells = slice(gains.cells[unit], gains.cells[unit + 1])
        net = (
            gains.billed_saved_usd[cells].astype(np.float64)
            - gains.idle_usd[cells]
            + value_usd_per_h / SECONDS_PER_HOUR * gains.wait_saved_s[cells]
        )
        by_period = net.reshape(-1, len(periods_s)).sum(axis=0)
        by_period[(periods_s > limit_s) | (periods_s < least_s[unit])] = -np.inf
        if np.isfinite(by_period).any():
            best_s[unit] = periods_s[int(np.argmax(by_period))]
    return best_s


def _cost(
    jobs: Jobs, unit: int, from_day: int, is_priced: bool, period_s: int, value_usd_per_h: float
) -> float:
    """Return idle time, billed startup of misses and the value of their wait at one period, USD."""
    rows = slice(jobs.offsets[unit], jobs.offsets[unit + 1])
    usd = jobs.usd_per_s[rows]
    counts = jobs.is_counted[rows] & (jobs.created_day[rows] >= from_day)
    if is_priced:
        counts &= ~np.isnan(usd)
    usd = np.where(np.isnan(usd), 1.0, usd)
    gap_us, idle_us, period_us = jobs.gap_us[rows], jobs.idle_us[rows], period_s * 1_000_000
    is_miss = counts & ((gap_us == UNKNOWN) | (gap_us >= period_us))
    kept_us = np.where(idle_us == UNKNOWN, period_us, np.minimum(idle_us, period_us))
    is_release = counts & (jobs.release_us[rows] != NEVER)
    waited_usd = jobs.wait_saved_s[rows] * value_usd_per_h / SECONDS_PER_HOUR
    missed_usd = jobs.billed_saved_s[rows] * usd + waited_usd
    return float(missed_usd[is_miss].sum() + (kept_us / 1e6 * usd)[is_release].sum())
