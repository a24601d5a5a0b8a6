"""The P90 target: which period brings a pool's P90 startup latency down to it, at what price."""

from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from analytics.keep_alive.curve import NO_PERIOD, Curves, Floats, Int64s
from analytics.quantities import SECONDS_PER_HOUR
from analytics.query import Filters, run_sql_arrays
from data.store.reader import Reader

LEAST_JOBS = 10  # as for every P90
SHARE = 0.9
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Latencies:
    """What each job's startup latency would be without a warm cluster, grouped by pool.

    The latencies of group i are those from `first[i]` to before `last[i]`. `gap_s` is the whole
    second of the gap, or NEVER.
    """

    first: Int64s
    last: Int64s
    pool_id: Int64s
    cold_s: Floats
    saved_s: Floats
    gap_s: Int64s


def load_latencies(reader: Reader, filters: Filters, pool_ids: Int64s | None) -> Latencies:
    """Load the latencies of the filtered eligible jobs by pool (ascending); None: as one group."""
    rows = run_sql_arrays(reader, "keep_alive/latencies", filters, never=int(NEVER))
    found = rows["pool_id"].astype(np.int64)
    if pool_ids is None:
        first, last = np.array([0]), np.array([len(found)])
    else:
        first = np.searchsorted(found, pool_ids)
        last = np.searchsorted(found, pool_ids, side="right")
    return Latencies(first, last, found, rows["cold_s"], rows["saved_s"], rows["gap_s"])


def p90_s(latencies: Latencies, periods_s: Int64s) -> Floats:
    """Return each group's P90 startup latency under its period, s; NaN below 10 known latencies.

    A job that would hit starts quicker by what a hit of its pool saves, floored at 0.
    """
    of = latencies
    return np.asarray(_p90(of.first, of.last, of.cold_s, of.saved_s, of.gap_s, periods_s))


def p90_today_s(latencies: Latencies, pool_ids: Int64s, today_s: Int64s) -> float:
    """Return the P90 of all jobs together, each under the period of its own pool, s."""
    if len(latencies.cold_s) < LEAST_JOBS:
        return float("nan")
    period_s = today_s[np.searchsorted(pool_ids, latencies.pool_id)]
    warm_s = np.maximum(0.0, latencies.cold_s - latencies.saved_s)
    return float(np.quantile(np.where(latencies.gap_s < period_s, warm_s, latencies.cold_s), SHARE))


def least_periods(
    group: Int64s, periods_s: Int64s, latencies: Latencies, target_s: float
) -> Int64s:
    """Return the smallest period under which each group's P90 meets the target; NO_PERIOD: none.

    `periods_s` are the candidates of each group, ascending. A longer period hits no job less, so
    the P90 never rises with the period: bisection is exact.
    """
    every = np.arange(len(latencies.first))
    low = np.searchsorted(group, every)
    high = np.searchsorted(group, every, side="right") - 1
    is_met = p90_s(latencies, periods_s[high]) <= target_s
    while (low < high).any():
        middle = (low + high) // 2
        is_enough = p90_s(latencies, periods_s[middle]) <= target_s
        high = np.where(is_enough, middle, high)
        low = np.where(is_enough, low, np.minimum(middle + 1, high))
    return np.where(is_met, periods_s[high], NO_PERIOD)


def implied_values(curves: Curves, least_s: Int64s, limit_s: int) -> Floats:
    """Return the least value of an hour of waiting at which the best period is `least_s` or more.

    USD/h: the steepest climb that the period has to pay for. For every shorter period there must be
    one no shorter than `least_s` whose extra cost, divided by its extra waiting saved, is at most
    the value. NaN where no value does, or the price is unknown.
    """
    group, periods_s = curves.candidates(limit_s)
    columns = curves.columns_at(group, periods_s)
    bounds = np.searchsorted(group, np.arange(len(curves) + 1))
    return np.asarray(
        _implied(
            bounds.astype(np.int64),
            periods_s,
            columns["priced_wait_saved_s"] / SECONDS_PER_HOUR,
            columns["net_cost_usd"],
            least_s,
        )
    )


@njit(cache=True)
def _implied(
    bounds: Int64s, periods_s: Int64s, wait_h: Floats, cost_usd: Floats, least_s: Int64s
) -> Floats:
    """Walk the lower hull of (waiting saved, net cost): its slopes are the prices of waiting."""
    values = np.full(len(least_s), np.nan)
    for group in range(len(least_s)):
        first, last = bounds[group], bounds[group + 1]
        if least_s[group] < 0 or np.isnan(cost_usd[first]):
            continue
        hull = np.empty(last - first, np.int64)
        count = 0
        for point in range(first, last):
            # of equal waiting the cheaper is kept
            if count and wait_h[point] <= wait_h[hull[count - 1]]:
                if cost_usd[point] >= cost_usd[hull[count - 1]]:
                    continue
                count -= 1
            while count >= 2:
                a, b = hull[count - 2], hull[count - 1]
                left = (cost_usd[b] - cost_usd[a]) * (wait_h[point] - wait_h[a])
                right = (cost_usd[point] - cost_usd[a]) * (wait_h[b] - wait_h[a])
                if left < right:
                    break
                count -= 1
            hull[count] = point
            count += 1
        for place in range(count):
            if periods_s[hull[place]] >= least_s[group]:
                slope = 0.0
                if place:
                    a, b = hull[place - 1], hull[place]
                    slope = (cost_usd[b] - cost_usd[a]) / (wait_h[b] - wait_h[a])
                values[group] = max(0.0, slope)
                break
    return values


@njit(cache=True, parallel=True)
def _p90(
    firsts: Int64s,
    lasts: Int64s,
    cold_s: Floats,
    saved_s: Floats,
    gap_s: Int64s,
    periods_s: Int64s,
) -> Floats:
    found = np.full(len(periods_s), np.nan)
    for group in prange(len(periods_s)):
        first, last = firsts[group], lasts[group]
        if last - first < LEAST_JOBS:
            continue
        latency = cold_s[first:last].copy()
        for job in range(first, last):
            if gap_s[job] < periods_s[group]:
                latency[job - first] = max(0.0, latency[job - first] - saved_s[job])
        found[group] = np.quantile(latency, SHARE)
    return found
