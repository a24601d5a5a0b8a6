"""Before and after a change: by day of the week, with the interval of a bootstrap of days.

Definition: docs/metrics/did_it_pay.md. A weekday counts that has two days or more on both sides;
what a job costs and waits there before, less after, is weighed by the jobs that it has after.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.quantities import HOURS_PER_MONTH, SECONDS_PER_HOUR
from analytics.stats.bootstrap import HIGH, LOW

Floats = NDArray[np.float64]
Int64s = NDArray[np.int64]

RESAMPLES = 500
LEAST_JOBS, LEAST_DAYS_OF_A_WEEKDAY = 30, 2
# any number: the same history gives the same interval
_SEED = 730
IDLE, STARTUP, WAIT = range(3)


@dataclass(frozen=True, slots=True)
class Side:
    """The days of one side: their weekday, jobs, and sums and known jobs of idle, startup, wait.

    `sums` and `counts` are (days, 3): idle USD, billed startup USD, waiting in s.
    """

    weekday: Int64s
    job_count: Int64s
    sums: Floats
    counts: Int64s


@dataclass(frozen=True, slots=True)
class Difference:
    """What the jobs after cost and waited less than those before, in a month of 730 h.

    Money is None where no cost is known on one of the sides, waiting likewise; the interval is
    that of their sum.
    """

    before_job_count: int
    after_job_count: int
    cash_usd: float | None
    wait_h: float | None
    gain_usd: float | None
    low_usd: float | None
    high_usd: float | None


def difference(before: Side, after: Side, *, after_h: float, value_usd_per_h: float) -> Difference:
    """Return the difference; without a gain where the sides have too little in common."""
    weekdays = [
        day
        for day in range(7)
        if (before.weekday == day).sum() >= LEAST_DAYS_OF_A_WEEKDAY
        and (after.weekday == day).sum() >= LEAST_DAYS_OF_A_WEEKDAY
    ]
    is_in = [np.isin(side.weekday, weekdays) for side in (before, after)]
    jobs = [
        int(side.job_count[rows].sum()) for side, rows in zip((before, after), is_in, strict=True)
    ]
    nothing = Difference(jobs[0], jobs[1], None, None, None, None, None)
    if min(jobs) < LEAST_JOBS or not after_h > 0:
        return nothing
    # jobs of weekdays without a counterpart are taken to be like the others
    all_jobs = int(after.job_count.sum())
    per_month = HOURS_PER_MONTH / after_h * all_jobs / jobs[1]
    rng = np.random.default_rng(_SEED)
    parts, again = np.zeros(3), np.zeros((RESAMPLES, 3))
    for day in weekdays:
        one, other = (_rows(side, side.weekday == day) for side in (before, after))
        weight = float(other.job_count.sum()) * per_month
        exact = _per_job(one.sums.sum(0), one.counts.sum(0)) - _per_job(
            other.sums.sum(0), other.counts.sum(0)
        )
        drawn = _resampled(one, rng) - _resampled(other, rng)
        parts += weight * exact
        again += weight * drawn
    known = ~np.isnan(parts)
    cash = float(parts[[IDLE, STARTUP]].sum()) if known[[IDLE, STARTUP]].all() else None
    wait_h = float(parts[WAIT] / SECONDS_PER_HOUR) if known[WAIT] else None
    # waiting that nobody recorded is not judged; without a value it counts for nothing
    if cash is None or (wait_h is None and value_usd_per_h):
        return Difference(jobs[0], jobs[1], cash, wait_h, None, None, None)
    value = value_usd_per_h / SECONDS_PER_HOUR
    gain = cash + value * (float(parts[WAIT]) if wait_h is not None else 0.0)
    sums = again[:, IDLE] + again[:, STARTUP]
    if wait_h is not None:
        sums = sums + value * again[:, WAIT]
    sums = sums[~np.isnan(sums)]
    low, high = np.quantile(sums, [LOW, HIGH])
    return Difference(
        jobs[0], jobs[1], cash, wait_h, gain, min(float(low), gain), max(float(high), gain)
    )


def _rows(side: Side, chosen: NDArray[np.bool_]) -> Side:
    return Side(
        side.weekday[chosen], side.job_count[chosen], side.sums[chosen], side.counts[chosen]
    )


def _per_job(sums: Floats, counts: NDArray[np.number]) -> Floats:
    """Return amounts of a job; NaN where no job's is known."""
    unknown = np.full(np.shape(sums), np.nan)
    found: Floats = np.divide(sums, counts, out=unknown, where=np.asarray(counts) > 0)
    return found


def _resampled(side: Side, rng: np.random.Generator) -> Floats:
    """Return the amounts of a job of days drawn with replacement, (resamples, 3).

    So few days as a weekday has vary too little when drawn again: the spread is widened for it.
    """
    days = len(side.weekday)
    drawn = rng.integers(days, size=(RESAMPLES, days))
    found = _per_job(side.sums[drawn].sum(1), side.counts[drawn].sum(1))
    exact = _per_job(side.sums.sum(0), side.counts.sum(0))
    wider: Floats = exact + (found - exact) * np.sqrt(days / (days - 1))
    return wider
