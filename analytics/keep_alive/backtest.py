"""The back-test: choose the period on the first 70 % of the days, judge it on the rest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.asking import CREATED_DAY, Filters
from analytics.keep_alive.adding_up import curves
from analytics.keep_alive.curve import Curves, Floats, Int64s, Values
from data.store import Store

TRAINING_SHARE = 0.7

_SPLIT_JOBS = f"""(
    select filtered_jobs.*, {CREATED_DAY} >= split_day as is_late
    from filtered_jobs
    inner join (
        select unnest($pool_ids::integer[]) as pool_id, unnest($split_days::integer[]) as split_day
    ) using (pool_id)
)"""


@dataclass(frozen=True, slots=True)
class Backtest:
    """How the period chosen early would have done later, one value a group; NaN: not judged."""

    chosen_s: Int64s
    hindsight_s: Int64s
    regret_ratio: Floats


def split_day(first_day: Int64s, last_day: Int64s) -> Int64s:
    """Return the first day to judge on: after 70 % of the days from first to last."""
    days = last_day - first_day + 1
    return np.asarray(first_day + np.floor(TRAINING_SHARE * days), dtype=np.int64)


def backtest(
    store: Store,
    filters: Filters,
    pool_ids: Int64s,
    split_days: Int64s,
    *,
    values_usd_per_h: Values,
    limit_s: int,
    also_s: Int64s,
    together: bool = False,
) -> Backtest:
    """Judge each pool, or all together, by total cost on the later days.

    `regret_ratio` is (cost of the chosen period - cost of the best with hindsight) / the latter,
    each of idle time, billed startup of misses, and their waiting at its value.
    """
    group = "is_late::integer" if together else "2 * pool_id + is_late::integer"
    found = curves(
        store,
        filters,
        by=group,
        jobs=_SPLIT_JOBS,
        pool_ids=pool_ids.tolist(),
        split_days=split_days.tolist(),
    )
    ids = np.zeros(1, dtype=np.int64) if together else pool_ids
    early, has_early = _places(found, 2 * ids)
    late, has_late = _places(found, 2 * ids + 1)
    is_judged = has_early & has_late
    values = np.broadcast_to(np.asarray(values_usd_per_h, dtype=np.float64), len(ids))
    by_group = np.zeros(len(found))
    also = np.full(len(found), -1, dtype=np.int64)
    for side, has in ((early, has_early), (late, has_late)):
        by_group[side[has]] = values[has]
        also[side[has]] = also_s[has]
    best_s = found.best(value_of_waiting_usd_per_h=by_group, limit_s=limit_s, also_s=also)
    best_s = np.append(best_s, -1)
    chosen_s = np.where(is_judged, best_s[early], -1)
    hindsight_s = np.where(is_judged, best_s[late], -1)
    regret = np.full(len(ids), np.nan)
    judged = is_judged & (chosen_s >= 0) & (hindsight_s >= 0)
    cost = found.total_cost(late[judged], chosen_s[judged], by_group)
    least = found.total_cost(late[judged], hindsight_s[judged], by_group)
    extra = np.maximum(cost - least, 0.0)
    # nothing to pay either way is no regret; something where nothing was possible has no ratio
    regret[judged] = np.divide(extra, least, out=np.where(extra > 0, np.nan, 0.0), where=least > 0)
    return Backtest(chosen_s, hindsight_s, regret)


def _places(found: Curves, wanted: Int64s) -> tuple[Int64s, NDArray[np.bool_]]:
    """Return where groups stand among the curves, and which of them are there."""
    place = np.searchsorted(found.group_value, wanted)
    is_there = np.append(found.group_value, -1)[place] == wanted
    return np.where(is_there, place, len(found)), is_there
