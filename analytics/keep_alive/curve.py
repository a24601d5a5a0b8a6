"""The keep-alive curve: what every period would have cost and saved, exactly, from one pass.

Definition: docs/metrics/keep_alive_curve.md. Under newest-first reuse the gaps do not
depend on the period: a period of T whole seconds hits every gap below T, and keeps each cluster for
min(gap, T). Counting gaps by whole seconds loses nothing, since T is whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.asking import SECONDS_PER_HOUR, Filters, answer_with
from analytics.pools.refresh import refresh
from data.store import Store

Floats = NDArray[np.float64]
Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Point:
    """The curve at one period."""

    keep_alive_period_s: int
    job_count: int
    hit_count: int
    retained_s: float
    retained_cost_usd: float
    wait_saved_s: float
    net_cost_usd: float

    @property
    def hit_rate_ratio(self) -> float:
        """Hits of all jobs, 0 to 1."""
        return self.hit_count / self.job_count if self.job_count else float("nan")


@dataclass(frozen=True, slots=True)
class Curve:
    """One pool's curve, or the sum of several.

    `gap_s` are the whole seconds at which something changes, sorted. The other arrays are sums over
    all gaps up to and including each of them, with a leading 0.
    """

    group: str
    job_count: int
    release_count: int
    priced_job_count: int
    gap_s: Int64s
    hit_count: Int64s
    hit_wait_saved_s: Floats
    hit_billed_saved_s: Floats
    hit_billed_saved_usd: Floats
    taken_count: Int64s
    taken_s: Floats
    taken_usd: Floats
    taken_usd_per_s: Floats
    usd_per_s: float

    @property
    def has_price(self) -> bool:
        """Whether the price of any of its clusters is known."""
        return self.priced_job_count > 0

    def columns_at(self, periods_s: Int64s) -> dict[str, NDArray[Any]]:
        """Return the curve's columns at whole-second periods; USD are NaN without any price."""
        at = np.searchsorted(self.gap_s, periods_s, side="left")
        hits = self.hit_count[at]
        retained_s = self.taken_s[at] + periods_s * (self.release_count - self.taken_count[at])
        retained_usd = self.taken_usd[at] + periods_s * (self.usd_per_s - self.taken_usd_per_s[at])
        unknown = 0.0 if self.has_price else np.nan
        return {
            "keep_alive_period_s": periods_s,
            "job_count": np.full(len(periods_s), self.job_count),
            "hit_count": hits,
            "miss_count": self.job_count - hits,
            "hit_rate_ratio": hits / self.job_count if self.job_count else hits * np.nan,
            "retained_s": retained_s,
            "retained_cost_usd": retained_usd + unknown,
            "wait_saved_s": self.hit_wait_saved_s[at],
            "net_cost_usd": retained_usd - self.hit_billed_saved_usd[at] + unknown,
        }

    def at(self, keep_alive_period_s: int) -> Point:
        """Return the curve at one period."""
        columns = self.columns_at(np.array([keep_alive_period_s], dtype=np.int64))
        return Point(
            keep_alive_period_s=int(keep_alive_period_s),
            job_count=self.job_count,
            hit_count=int(columns["hit_count"][0]),
            retained_s=float(columns["retained_s"][0]),
            retained_cost_usd=float(columns["retained_cost_usd"][0]),
            wait_saved_s=float(columns["wait_saved_s"][0]),
            net_cost_usd=float(columns["net_cost_usd"][0]),
        )

    def breakpoints(self, longest_s: int) -> Int64s:
        """Return 0 and every period that hits one gap more, up to `longest_s`."""
        grows = np.diff(self.hit_count) > 0
        periods_s = self.gap_s[grows] + 1
        return np.concatenate([[0], periods_s[periods_s <= longest_s]]).astype(np.int64)

    def objective(self, periods_s: Int64s, value_of_waiting_usd_per_h: float) -> Floats:
        """Return net cost minus the value of the waiting saved, USD.

        Without any price it is NaN, but for a value of 0: then the price cancels, and the objective
        is in seconds of one cluster.
        """
        columns = self.columns_at(periods_s)
        if self.has_price:
            waiting_h = columns["wait_saved_s"].astype(float) / SECONDS_PER_HOUR
            return columns["net_cost_usd"] - value_of_waiting_usd_per_h * waiting_h
        if value_of_waiting_usd_per_h:
            return np.full(len(periods_s), np.nan)
        at = np.searchsorted(self.gap_s, periods_s, side="left")
        return columns["retained_s"] - self.hit_billed_saved_s[at]

    def best(self, *, value_of_waiting_usd_per_h: float, limit_s: int) -> int | None:
        """Return the period with the least objective up to `limit_s`, the smallest of equals.

        The objective rises between gaps and falls just after one, so the best is 0 or the smallest
        whole second above a gap. None where the price is unknown and waiting has a value.
        """
        periods_s = self.breakpoints(limit_s)
        objective = self.objective(periods_s, value_of_waiting_usd_per_h)
        if np.isnan(objective).any():
            return None
        # a hair of tolerance, so that rounding does not tell equals apart
        least = objective.min()
        return int(periods_s[np.argmax(objective <= least + 1e-9 * max(1.0, abs(least)))])


_SUMMED = (
    "job_count",
    "gap_s",
    "gap_usd",
    "usd_per_s",
    "wait_saved_s",
    "billed_saved_s",
    "billed_saved_usd",
)


def curves(
    store: Store, filters: Filters, *, by_pool: bool, is_tail_observed: bool = False
) -> Iterator[Curve]:
    """Yield the curve of every pool (or of all together) over the filtered jobs.

    Matching ran over each pool's whole history; the filters choose which requests and which
    releases count.
    """
    steps = answer_with(
        store,
        "keep_alive/steps",
        filters,
        words={"group_value": "pool_id" if by_pool else "0"},
        is_tail_observed=is_tail_observed,
        tail_at=filters.until,
    )
    names = dict[int, str]()
    if by_pool and len(steps):
        pools = store.frame("select pool_id, pool_key from pools")
        names = dict(zip(pools["pool_id"], pools["pool_key"], strict=True))
    group = steps["group_value"].to_numpy()
    columns = {name: steps[name].to_numpy() for name in steps.columns}
    columns["is_request"] = (steps["side"] == "request").to_numpy()
    for name in (*_SUMMED, "whole_s", "priced_job_count"):
        columns[name] = steps[name].to_numpy(dtype=float, na_value=np.nan)
    bounds = np.append(np.flatnonzero(np.diff(group, prepend=-1)), len(group))
    for first, last in zip(bounds[:-1], bounds[1:], strict=True):
        part = {name: column[first:last] for name, column in columns.items()}
        yield _curve(names.get(int(group[first]), "all"), part)


def _curve(group: str, part: dict[str, NDArray[Any]]) -> Curve:
    """Sum the steps of one group up."""
    is_request = part["is_request"].astype(bool)
    is_taken = ~np.isnan(part["whole_s"].astype(float))
    whole_s = np.unique(part["whole_s"][is_taken]).astype(np.int64)
    place = np.searchsorted(whole_s, part["whole_s"][is_taken]) + 1

    def summed(name: str, side: NDArray[np.bool_]) -> Floats:
        chosen = side[is_taken]
        values = np.nan_to_num(part[name][is_taken][chosen])
        return np.cumsum(np.bincount(place[chosen], values, len(whole_s) + 1))

    counts = part["job_count"].astype(np.int64)
    return Curve(
        group=group,
        job_count=int(counts[is_request].sum()),
        release_count=int(counts[~is_request].sum()),
        priced_job_count=int(part["priced_job_count"].astype(np.int64).sum()),
        gap_s=whole_s,
        hit_count=summed("job_count", is_request).astype(np.int64),
        hit_wait_saved_s=summed("wait_saved_s", is_request),
        hit_billed_saved_s=summed("billed_saved_s", is_request),
        hit_billed_saved_usd=summed("billed_saved_usd", is_request),
        taken_count=summed("job_count", ~is_request).astype(np.int64),
        taken_s=summed("gap_s", ~is_request),
        taken_usd=summed("gap_usd", ~is_request),
        taken_usd_per_s=summed("usd_per_s", ~is_request),
        usd_per_s=float(np.nan_to_num(part["usd_per_s"][~is_request].astype(float)).sum()),
    )


def whole_curve(store: Store, filters: Filters) -> Curve:
    """Return the curve of all filtered jobs together; brings the derived tables up to date."""
    refresh(store)
    empty = {
        name: np.array([], dtype=float) for name in (*_SUMMED, "whole_s", "priced_job_count")
    } | {"is_request": np.array([], dtype=bool)}
    return next(curves(store, filters, by_pool=False), _curve("all", empty))


def thinned(periods_s: Int64s, most: int = 200) -> Int64s:
    """Return at most `most` of the periods, evenly chosen, the first and the last among them."""
    if len(periods_s) <= most:
        return periods_s
    chosen = np.unique(np.linspace(0, len(periods_s) - 1, most).round().astype(np.int64))
    return np.asarray(periods_s[chosen])


def curve_frame(curve: Curve, periods_s: Int64s) -> pd.DataFrame:
    """Return one curve as rows, a period each."""
    return pd.DataFrame({"pool_key": curve.group, **curve.columns_at(periods_s)})
