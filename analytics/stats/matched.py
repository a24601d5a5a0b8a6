"""Matched comparisons: how much two ways of doing the same differ among jobs that are alike.

Jobs are alike within a stratum. The difference is the mean of the strata's differences of means,
each weighed by what the change would touch there. Jobs of one day hang together, so that whole days
are drawn with replacement; the interval is Student's, for as many days as there are.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Floats = NDArray[np.float64]
Int64s = NDArray[np.int64]

RESAMPLES = 400
HIGH = 0.95
LEAST_DAYS = 3
"""Days that each side needs: fewer do not say how much days differ."""

# any number: the same history gives the same interval
_SEED = 730


@dataclass(frozen=True, slots=True)
class Strata:
    """Counts and sums of comparable jobs, by day, stratum, side and outcome.

    Side 0 is as it is, side 1 as it would be. An outcome that is unknown of a job counts nowhere.
    """

    count: Floats
    total: Floats

    @property
    def differences(self) -> Floats:
        """The mean of side 0 minus that of side 1, by stratum and outcome; NaN without both."""
        return _differences(self.count.sum(axis=0), self.total.sum(axis=0))

    @property
    def day_count(self) -> int:
        """The days of the side that has fewer."""
        seen = self.count[..., 0].sum(axis=1) > 0
        return int(seen.sum(axis=0).min())

    def resampled(self) -> Floats:
        """Return the differences of each resample of days: resample, stratum, outcome."""
        drawn = _drawn(len(self.count))
        return _differences(
            np.tensordot(drawn, self.count, axes=1), np.tensordot(drawn, self.total, axes=1)
        )


@lru_cache(maxsize=16)
def _drawn(days: int) -> Floats:
    """Return how often each resample has each day: all that have so many days share them."""
    rng = np.random.default_rng(_SEED)
    drawn = rng.multinomial(days, np.full(days, 1 / days), size=RESAMPLES).astype(np.float64)
    drawn.setflags(write=False)
    return drawn


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over strata with its 90 % interval, and how likely chance alone gives as much."""

    value: float
    low: float
    high: float
    p_value: float


def strata(day: Int64s, stratum: Int64s, side: Int64s, count: Floats, total: Floats) -> Strata:
    """Return rows, each a day's jobs of one stratum and side, as tables.

    `count` and `total` have a column an outcome.
    """
    days, day_place = np.unique(day, return_inverse=True)
    width = int(stratum.max()) + 1 if len(stratum) else 0
    shape = (len(days), width, 2, count.shape[1])
    counts, totals = np.zeros(shape), np.zeros(shape)
    np.add.at(counts, (day_place, stratum, side), count)
    np.add.at(totals, (day_place, stratum, side), np.nan_to_num(total))
    return Strata(counts, totals)


def estimate(of: Strata, again: Floats, weights: Floats) -> Estimate:
    """Return the weighted mean of the strata's differences; `weights` by stratum and outcome.

    A stratum without both sides counts nowhere, in a resample neither.
    """
    value = float(_mean(of.differences, weights))
    spread = _mean(again, weights)
    spread = spread[~np.isnan(spread)]
    days = max(of.day_count, 2)
    deviation = spread.std() * np.sqrt(days / (days - 1)) if len(spread) else np.nan
    reach = float(stdtrit(days - 1, HIGH) * deviation)
    if deviation == 0:
        p_value = 0.0 if value > 0 else 1.0
    else:
        p_value = float(stdtr(days - 1, -value / deviation))
    return Estimate(value, value - reach, value + reach, p_value)


def are_discoveries(p_values: Floats, false_share: float) -> NDArray[np.bool_]:
    """Return which of many comparisons stand, if at most this share of those that do may be false.

    Benjamini and Hochberg (1995). NaN was not compared.

    >>> are_discoveries(np.array([0.01, 0.04, 0.03, 0.5, np.nan]), 0.1).tolist()
    [True, True, True, False, False]
    """
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    bounds = false_share * np.arange(1, len(order) + 1) / max(len(order), 1)
    passing = np.flatnonzero(p_values[order] <= bounds)
    stands = np.zeros(len(p_values), dtype=bool)
    if len(passing):
        stands[order[: passing[-1] + 1]] = True
    return stands


def _differences(count: Floats, total: Floats) -> Floats:
    means = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return np.asarray(means[..., 0, :] - means[..., 1, :])


def _mean(differences: Floats, weights: Floats) -> Floats:
    """Return the sum of the outcomes' weighted means over the strata that have both sides."""
    known = ~np.isnan(differences)
    part = np.where(known, weights, 0.0)
    whole = np.where(weights > 0, weights, 0.0).sum(axis=-2)
    # as if the strata that are missing were like the others: the sum stays one of all of them
    seen = part.clip(min=0).sum(axis=-2)
    scale = np.divide(whole, seen, out=np.full(seen.shape, np.nan), where=seen > 0)
    scale = np.where(whole == 0, 0.0, scale)
    return np.asarray(
        ((np.where(known, differences, 0.0) * part).sum(axis=-2) * scale).sum(axis=-1)
    )
