"""The keep-alive curve: what every period would have cost and saved, and which costs least.

Definition: docs/metrics/keep_alive_curve.md. Under newest-first reuse the gaps do not
depend on the period: a period of T whole seconds hits every gap below T, and keeps each cluster for
min(gap, T). Counting gaps by whole seconds loses nothing, since T is whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.quantities import SECONDS_PER_HOUR
from analytics.stats.ratios import ratios

Floats = NDArray[np.float64]
Int64s = NDArray[np.int64]

Values = float | Floats

NO_PERIOD = -1
PER_GROUP = (
    "group_value",
    "job_count",
    "release_count",
    "priced_job_count",
    "usd_per_s",
    "cold_priced_wait_s",
    "cold_billed_s",
    "cold_billed_usd",
)
# a hair, so that rounding does not tell equals apart
TOLERANCE = 1e-9
# longer than any gap: (group, gap) as one number
_GROUP_S = 2**40


@dataclass(frozen=True, slots=True)
class Point:
    """The curve at one period."""

    keep_alive_period_s: int
    job_count: int
    hit_count: int
    hit_rate_ratio: float
    retained_s: float
    retained_cost_usd: float
    wait_saved_s: float
    net_cost_usd: float


@dataclass(frozen=True)
class Curves:
    """The curves of several groups of jobs, in flat arrays.

    The steps of group i are those from `bounds[i]` to `bounds[i + 1]`. Each is a whole second at
    which something changes, with sums over all gaps up to and including it; a group's first step
    has gap -1 and sums of 0. `cold_...` are what hits would save if every job hit.
    """

    group_value: Int64s
    bounds: Int64s
    job_count: Int64s
    release_count: Int64s
    priced_job_count: Int64s
    usd_per_s: Floats
    cold_priced_wait_s: Floats
    cold_billed_s: Floats
    cold_billed_usd: Floats
    gap_s: Int64s
    hit_count: Int64s
    hit_wait_saved_s: Floats
    hit_priced_wait_saved_s: Floats
    hit_billed_saved_s: Floats
    hit_billed_saved_usd: Floats
    taken_count: Int64s
    taken_s: Floats
    taken_usd: Floats
    taken_usd_per_s: Floats

    def __len__(self) -> int:
        """Return how many groups there are."""
        return len(self.group_value)

    @cached_property
    def has_price(self) -> NDArray[np.bool_]:
        """Whether the price of any of a group's clusters is known."""
        return np.asarray(self.priced_job_count > 0)

    def columns_at(self, group: Int64s, periods_s: Int64s) -> dict[str, NDArray[Any]]:
        """Return the curve's columns: of these groups, each at its whole-second period.

        USD are NaN without any price.
        """
        at = self._step(group, periods_s)
        jobs, hits = self.job_count[group], self.hit_count[at]
        untaken = self.release_count[group] - self.taken_count[at]
        retained_s = self.taken_s[at] + periods_s * untaken
        untaken_usd_per_s = self.usd_per_s[group] - self.taken_usd_per_s[at]
        retained_usd = self.taken_usd[at] + periods_s * untaken_usd_per_s
        unknown = np.where(self.has_price[group], 0.0, np.nan)
        return {
            "keep_alive_period_s": periods_s,
            "job_count": jobs,
            "hit_count": hits,
            "miss_count": jobs - hits,
            "hit_rate_ratio": ratios(hits, jobs),
            "retained_s": retained_s,
            "retained_cost_usd": retained_usd + unknown,
            "wait_saved_s": self.hit_wait_saved_s[at],
            "priced_wait_saved_s": self.hit_priced_wait_saved_s[at],
            "billed_saved_s": self.hit_billed_saved_s[at],
            "billed_saved_usd": self.hit_billed_saved_usd[at] + unknown,
            "net_cost_usd": retained_usd - self.hit_billed_saved_usd[at] + unknown,
        }

    def objective(self, group: Int64s, periods_s: Int64s, values_usd_per_h: Values) -> Floats:
        """Return net cost minus the value of the waiting saved, USD.

        `values_usd_per_h` is one value of an hour of waiting, or one a group. Jobs without a price
        are left out on both sides: idle time that costs nothing would buy waiting. Without any it
        is NaN, but for a value of 0: then the price cancels, and the objective is in seconds of one
        cluster.
        """
        columns = self.columns_at(group, periods_s)
        value = self._per_group(values_usd_per_h)[group]
        waiting_usd = value * columns["priced_wait_saved_s"] / SECONDS_PER_HOUR
        unpriced = columns["retained_s"] - columns["billed_saved_s"]
        unpriced = np.where(value == 0, unpriced, np.nan)
        return np.where(self.has_price[group], columns["net_cost_usd"] - waiting_usd, unpriced)

    def total_cost(self, group: Int64s, periods_s: Int64s, values_usd_per_h: Values) -> Floats:
        """Return idle time, billed startup of misses and the value of their waiting, USD.

        It is the objective plus what it would cost if every job started cold: never below 0.
        """
        value = self._per_group(values_usd_per_h)
        cold_usd = self.cold_billed_usd + value * self.cold_priced_wait_s / SECONDS_PER_HOUR
        cold = np.where(self.has_price, cold_usd, self.cold_billed_s)
        return self.objective(group, periods_s, values_usd_per_h) + cold[group]

    def candidates(self, longest_s: int, also_s: Int64s | None = None) -> tuple[Int64s, Int64s]:
        """Return the periods worth a look, as groups and periods, sorted.

        Per group: 0, every period up to `longest_s` that hits one gap more, and `also_s` (one a
        group; NO_PERIOD: none). The objective rises between gaps and falls just after one, so no
        other period can cost less.
        """
        group = np.repeat(np.arange(len(self)), np.diff(self.bounds))
        grows = np.diff(self.hit_count, prepend=0) > 0
        grows[self.bounds[:-1]] = True
        grows &= self.gap_s < longest_s
        keys = group[grows] * _GROUP_S + self.gap_s[grows] + 1
        if also_s is not None:
            added = np.arange(len(self)) * _GROUP_S + also_s
            keys = np.union1d(keys, added[also_s != NO_PERIOD])
        return keys // _GROUP_S, keys % _GROUP_S

    def best(
        self,
        *,
        value_of_waiting_usd_per_h: Values,
        limit_s: int,
        also_s: Int64s | None = None,
        least_s: Int64s | None = None,
    ) -> Int64s:
        """Return each group's period with the least objective up to `limit_s`, exactly.

        The smallest of equals, and none below `least_s` (one a group). NO_PERIOD where the price is
        unknown and waiting has a value.
        """
        if not len(self):
            return np.array([], dtype=np.int64)
        group, periods_s = self.candidates(limit_s, also_s)
        objective = self.objective(group, periods_s, value_of_waiting_usd_per_h)
        if least_s is not None:
            objective = np.where(periods_s < least_s[group], np.inf, objective)
        starts = np.searchsorted(group, np.arange(len(self)))
        least = np.minimum.reduceat(objective, starts)
        enough = least + TOLERANCE * np.maximum(1.0, np.abs(least))
        good = np.flatnonzero(objective <= enough[group])
        first = np.searchsorted(good, starts)
        found = np.append(good, len(group))[first]
        is_known = ~np.isnan(least)
        return np.where(is_known, np.append(periods_s, 0)[np.where(is_known, found, 0)], NO_PERIOD)

    def one(self, index: int) -> "Curve":
        """Return the curve of one group."""
        whole, steps = slice(index, index + 1), slice(self.bounds[index], self.bounds[index + 1])
        parts = {
            name: getattr(self, name)[whole if name in PER_GROUP else steps]
            for name in self.__dataclass_fields__
            if name != "bounds"
        }
        count = self.bounds[index + 1] - self.bounds[index]
        return Curve(Curves(bounds=np.array([0, count], dtype=np.int64), **parts))

    def __iter__(self) -> Iterator["Curve"]:
        """Yield each group's curve."""
        return (self.one(index) for index in range(len(self)))

    def _step(self, group: Int64s, periods_s: Int64s) -> Int64s:
        """Return the positions of the last steps whose gaps these periods hit."""
        wanted = group * _GROUP_S + periods_s
        return np.asarray(np.searchsorted(self._keys, wanted, side="right") - 1)

    def _per_group(self, values: Values) -> Floats:
        return np.broadcast_to(np.asarray(values, dtype=np.float64), len(self))

    @cached_property
    def _keys(self) -> Int64s:
        group = np.repeat(np.arange(len(self)), np.diff(self.bounds))
        return np.asarray(group * _GROUP_S + self.gap_s + 1)


@dataclass(frozen=True)
class Curve:
    """The curve of one group: a pool, or all together."""

    of: Curves

    @property
    def job_count(self) -> int:
        """Jobs that could hit."""
        return int(self.of.job_count[0])

    @property
    def has_price(self) -> bool:
        """Whether the price of any of its clusters is known."""
        return bool(self.of.has_price[0])

    def columns_at(self, periods_s: Int64s) -> dict[str, NDArray[Any]]:
        """Return the curve's columns at whole-second periods; USD are NaN without any price."""
        return self.of.columns_at(np.zeros(len(periods_s), dtype=np.int64), periods_s)

    def at(self, keep_alive_period_s: int) -> Point:
        """Return the curve at one period."""
        columns = self.columns_at(np.array([keep_alive_period_s], dtype=np.int64))
        return Point(
            keep_alive_period_s=int(keep_alive_period_s),
            job_count=self.job_count,
            hit_count=int(columns["hit_count"][0]),
            hit_rate_ratio=float(columns["hit_rate_ratio"][0]),
            retained_s=float(columns["retained_s"][0]),
            retained_cost_usd=float(columns["retained_cost_usd"][0]),
            wait_saved_s=float(columns["wait_saved_s"][0]),
            net_cost_usd=float(columns["net_cost_usd"][0]),
        )

    def breakpoints(self, longest_s: int) -> Int64s:
        """Return 0 and every period that hits one gap more, up to `longest_s`."""
        return self.of.candidates(longest_s)[1]

    def objective(self, periods_s: Int64s, value_of_waiting_usd_per_h: float) -> Floats:
        """Return net cost minus the value of the waiting saved, USD; see `Curves.objective`."""
        group = np.zeros(len(periods_s), dtype=np.int64)
        return self.of.objective(group, periods_s, value_of_waiting_usd_per_h)

    def best(self, *, value_of_waiting_usd_per_h: float, limit_s: int) -> int | None:
        """Return the period with the least objective up to `limit_s`, the smallest of equals.

        None where the price is unknown and waiting has a value.
        """
        best = self.of.best(value_of_waiting_usd_per_h=value_of_waiting_usd_per_h, limit_s=limit_s)
        return None if best[0] == NO_PERIOD else int(best[0])


def thinned(periods_s: Int64s, most: int = 200) -> Int64s:
    """Return at most `most` of the periods, evenly chosen, the first and the last among them."""
    if len(periods_s) <= most:
        return periods_s
    chosen = np.unique(np.linspace(0, len(periods_s) - 1, most).round().astype(np.int64))
    return np.asarray(periods_s[chosen])


def curve_frame(curve: Curve, periods_s: Int64s) -> pd.DataFrame:
    """Return one curve as rows, a period each."""
    return pd.DataFrame(curve.columns_at(periods_s))
