"""How much a change would gain, judged on other days than it was chosen on, and how surely.

Definition: docs/metrics/net_gain_usd_per_month.md. Blocks of days are left out in turn: the period
is chosen on the others, and its gain read on those left out (cross-fitting). The interval repeats
that whole in each resample of blocks; working days and weekends are drawn apart.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray
from scipy.special import stdtrit

from analytics.keep_alive.curve import Floats, Int64s
from analytics.keep_alive.gains import Gains
from analytics.quantities import SECONDS_PER_HOUR

RESAMPLES = 200
FOLDS = 10
LOW, HIGH = 0.05, 0.95
# any number: the same history gives the same interval
_SEED = 730
_MOST_BLOCKS = 92


@dataclass(frozen=True, slots=True)
class CrossFitGains:
    """What the best period of each group changes in its whole time, by cross-fitting.

    USD are seconds of one cluster where no price is known. `sure_value_usd_per_h` is the cost of
    delay from which on the best period would gain surely (NaN: none).
    """

    hit_count: Floats
    wait_saved_s: Floats
    idle_usd: Floats
    billed_saved_usd: Floats
    gain_usd: Floats
    gain_low_usd: Floats
    gain_high_usd: Floats
    sure_value_usd_per_h: Floats


@dataclass(frozen=True, slots=True)
class Resampled:
    """What each group gains by cross-fitting, and again in each resample of its blocks.

    `sums` are hits, wait saved, idle and billed USD, gain, and the blocks that tell anything. The
    resamples of groups of the same days draw the same days: differences of them mean something.
    """

    sums: Floats
    again: Floats
    pays_from: Floats


def judge(
    gains: Gains, values_usd_per_h: Floats, *, limit_s: int, current_s: Int64s, least_s: Int64s
) -> CrossFitGains:
    """Judge the choice of the best period up to `limit_s` and from `least_s` on, as `resampled`."""
    return with_intervals(
        resampled(gains, values_usd_per_h, limit_s=limit_s, current_s=current_s, least_s=least_s)
    )


def resampled(
    gains: Gains, values_usd_per_h: Floats, *, limit_s: int, current_s: Int64s, least_s: Int64s
) -> Resampled:
    """Cross-fit the choice of the best period up to `limit_s` and from `least_s` on (0: any).

    The current period may be beyond the limit. Where any period may be chosen, so may none: then
    all stays as it is.
    """
    draws = np.random.default_rng(_SEED).random((_MOST_BLOCKS, RESAMPLES), dtype=np.float32)
    count = len(gains.first_day)
    sums, again = np.zeros((count, 6)), np.zeros((count, RESAMPLES))
    pays_from = np.full((count, RESAMPLES), np.inf)
    _judge(
        gains.first_day,
        gains.block_days,
        gains.block_count,
        gains.bounds,
        gains.periods_s,
        gains.cells,
        gains.hit_count,
        gains.wait_saved_s,
        gains.idle_usd,
        gains.billed_saved_usd,
        values_usd_per_h / SECONDS_PER_HOUR,
        limit_s,
        current_s,
        least_s,
        draws,
        sums,
        again,
        pays_from,
    )
    return Resampled(sums, again, pays_from)


def with_intervals(of: Resampled) -> CrossFitGains:
    """Return the gains with their intervals."""
    hits, wait_s, idle_usd, billed_usd, gain, telling = of.sums.T
    low, high = np.quantile(of.again, [LOW, HIGH], axis=1)
    middle = of.again.mean(axis=1)
    wider = _widening()[telling.astype(np.int64)]
    at = np.sort(of.pays_from, axis=1)[:, int(np.ceil(HIGH * RESAMPLES)) - 1] * SECONDS_PER_HOUR
    return CrossFitGains(
        hit_count=hits,
        wait_saved_s=wait_s,
        idle_usd=idle_usd,
        billed_saved_usd=billed_usd,
        gain_usd=gain,
        # a resample chooses on fewer days, and so worse: its spread counts, around the gain itself
        gain_low_usd=np.minimum(low, gain + wider * (low - middle)),
        gain_high_usd=np.maximum(gain, gain + wider * (high - middle)),
        sure_value_usd_per_h=np.where(np.isfinite(at), at, np.nan),
    )


def _widening() -> Floats:
    """Return by how much an interval of so many blocks is too narrow: Student's t over normal."""
    count = np.maximum(np.arange(_MOST_BLOCKS + 1), 3)
    normal = stdtrit(1e9, HIGH)
    return np.asarray(stdtrit(count - 1, HIGH) / normal * np.sqrt(count / (count - 1)))


@njit(cache=True)
def _choose(net: Floats, left_out: Floats, allowed: NDArray[np.bool_], may_stay: bool) -> int:
    """Return the place of the most gain on the blocks that are not left out; -1: all stays."""
    best, most = -1, 1e-9 if may_stay else -np.inf
    for place in range(len(net)):
        gain = net[place] - left_out[place]
        if allowed[place] and gain > most:
            best, most = place, gain
    return best


@njit(cache=True)
def _cross_fit(
    net: Floats,
    weight: Floats,
    fold: Int64s,
    folds: int,
    allowed: NDArray[np.bool_],
    may_stay: bool,
    picks: Int64s,
) -> float:
    """Return the gain of periods chosen without the blocks it is read on; fill in the picks."""
    blocks, width = net.shape
    by_fold = np.zeros((folds, width))
    for block in range(blocks):
        if weight[block] > 0:
            for place in range(width):
                by_fold[fold[block], place] += weight[block] * net[block, place]
    total, nothing = np.zeros(width), np.zeros(width)
    for one in range(folds):
        for place in range(width):
            total[place] += by_fold[one, place]
    gain = 0.0
    for one in range(folds):
        picks[one] = _choose(total, by_fold[one], allowed, may_stay)
        if picks[one] >= 0:
            gain += by_fold[one, picks[one]]
    picks[folds] = _choose(total, nothing, allowed, may_stay)
    return gain


@njit(cache=True)
def _judge_one(
    first_day: int,
    block_days: int,
    net: Floats,
    hits: NDArray[Any],
    waits: NDArray[Any],
    idles: NDArray[Any],
    billed: NDArray[Any],
    allowed: NDArray[np.bool_],
    may_stay: bool,
    draws: NDArray[np.float32],
    sums: Floats,
    again: Floats,
    pays_from: Floats,
) -> None:
    """Fill in one group's sums, and what each resample makes of them."""
    blocks, width = net.shape
    folds = min(FOLDS, blocks)
    fold = np.empty(blocks, np.int64)
    # the days to draw from, working days before weekends: 1970-01-01 was a Thursday
    order = np.empty(blocks, np.int64)
    working = 0
    for block in range(blocks):
        fold[block] = block * folds // blocks
        if block_days > 1 or (first_day + block + 3) % 7 < 5:
            order[working] = block
            working += 1
    count = working
    for block in range(blocks):
        if block_days == 1 and (first_day + block + 3) % 7 >= 5:
            order[count] = block
            count += 1
    picks, others = np.empty(folds + 1, np.int64), np.empty(folds + 1, np.int64)
    weight = np.ones(blocks)
    sums[4] = _cross_fit(net, weight, fold, folds, allowed, may_stay, picks)
    full = picks[folds]
    for block in range(blocks):
        pick = picks[fold[block]]
        if pick >= 0:
            cell = block * width + pick
            sums[0] += hits[cell]
            sums[1] += waits[cell]
            sums[2] += idles[cell]
            sums[3] += billed[cell]
            sums[5] += net[block, pick] != 0
    for time in range(len(again)):
        weight[:] = 0
        for drawn in range(blocks):
            first, size = 0, working
            if drawn >= working:
                first, size = working, blocks - working
            # a draw just below 1 may round up to the number of blocks
            weight[order[first + min(int(draws[drawn, time] * size), size - 1)]] += 1
        again[time] = _cross_fit(net, weight, fold, folds, allowed, may_stay, others)
        if full >= 0:
            cash, wait = 0.0, 0.0
            for block in range(blocks):
                cell = block * width + full
                cash += weight[block] * (billed[cell] - idles[cell])
                wait += weight[block] * waits[cell]
            if wait > 0:
                pays_from[time] = -cash / wait


@njit(cache=True, parallel=True)
def _judge(
    first_day: Int64s,
    block_days: Int64s,
    block_count: Int64s,
    bounds: Int64s,
    periods_s: Int64s,
    cells: Int64s,
    hits: NDArray[Any],
    waits: NDArray[Any],
    idles: NDArray[Any],
    billed: NDArray[Any],
    values_usd_per_s: Floats,
    limit_s: int,
    current_s: Int64s,
    least_s: Int64s,
    draws: NDArray[np.float32],
    sums: Floats,
    again: Floats,
    pays_from: Floats,
) -> None:
    for group in prange(len(first_day)):
        periods = periods_s[bounds[group] : bounds[group + 1]]
        first, last = cells[group], cells[group + 1]
        width = len(periods)
        allowed = np.zeros(width, np.bool_)
        for place in range(width):
            is_short = periods[place] <= limit_s or periods[place] == current_s[group]
            allowed[place] = is_short and periods[place] >= least_s[group]
        net = np.empty((block_count[group], width))
        for block in range(block_count[group]):
            for place in range(width):
                cell = first + block * width + place
                net[block, place] = (
                    billed[cell] - idles[cell] + values_usd_per_s[group] * waits[cell]
                )
        _judge_one(
            first_day[group],
            block_days[group],
            net,
            hits[first:last],
            waits[first:last],
            idles[first:last],
            billed[first:last],
            allowed,
            least_s[group] == 0,
            draws,
            sums[group],
            again[group],
            pays_from[group],
        )
