"""The back-test: choose the period on the first 70 % of the days, judge it on the rest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.expressions import CREATED_DAY
from analytics.keep_alive.build_curves import build_curves
from analytics.keep_alive.curve import NO_PERIOD, Curves, Floats, Int64s, Values
from analytics.query import Filters
from data.store.reader import Reader

TRAINING_SHARE = 0.7

_SPLIT_JOBS = f"""(
    select filtered_jobs.*, {CREATED_DAY} >= split_day as is_late
    from filtered_jobs
    inner join (
        select
            unnest($pool_ids::integer[]) as pool_id,
            unnest($first_days::integer[]) as first_day,
            unnest($split_days::integer[]) as split_day
    ) using (pool_id)
    where {CREATED_DAY} >= first_day
)"""


@dataclass(frozen=True, slots=True)
class SplitCurves:
    """The curves of the early and of the late days, and where each group's two stand in them."""

    curves: Curves
    early: Int64s
    late: Int64s
    has_both: NDArray[np.bool_]


def split_day(first_day: Int64s, last_day: Int64s) -> Int64s:
    """Return the first day to judge on: after 70 % of the days from first to last."""
    days = last_day - first_day + 1
    return np.asarray(first_day + np.floor(TRAINING_SHARE * days), dtype=np.int64)


def split_curves(
    reader: Reader,
    filters: Filters,
    pool_ids: Int64s,
    first_days: Int64s,
    split_days: Int64s,
    *,
    together: bool,
) -> SplitCurves:
    """Return the curves of each pool's early and late days, or of all pools' together."""
    found = build_curves(
        reader,
        filters,
        by="is_late::integer" if together else "2 * pool_id + is_late::integer",
        jobs=_SPLIT_JOBS,
        pool_ids=pool_ids.tolist(),
        first_days=first_days.tolist(),
        split_days=split_days.tolist(),
    )
    ids = np.zeros(1, dtype=np.int64) if together else pool_ids
    early, has_early = _places(found, 2 * ids)
    late, has_late = _places(found, 2 * ids + 1)
    return SplitCurves(found, early, late, has_early & has_late)


def regret_ratio(
    split: SplitCurves, *, values_usd_per_h: Values, limit_s: int, also_s: Int64s
) -> Floats:
    """Return each group's regret: what the period chosen early costs late, over the best there.

    (cost of the chosen - cost of the best with hindsight) / the latter, each of idle time, billed
    startup of misses, and their waiting at its value. `also_s` are weighed besides (one a group).
    NaN: not judged.
    """
    found, is_judged = split.curves, split.has_both
    early, late = split.early[is_judged], split.late[is_judged]
    values = np.zeros(len(found))
    also = np.full(len(found), NO_PERIOD, dtype=np.int64)
    for side in (early, late):
        values[side] = np.broadcast_to(values_usd_per_h, len(is_judged))[is_judged]
        also[side] = also_s[is_judged]
    best_s = found.best(value_of_waiting_usd_per_h=values, limit_s=limit_s, also_s=also)
    chosen_s, hindsight_s = best_s[early], best_s[late]
    is_known = (chosen_s != NO_PERIOD) & (hindsight_s != NO_PERIOD)
    cost = found.total_cost(late, np.maximum(chosen_s, 0), values)
    least = found.total_cost(late, np.maximum(hindsight_s, 0), values)
    extra = np.maximum(cost - least, 0.0)
    # nothing to pay either way is no regret; something where nothing was possible has no ratio
    free = np.where(extra > 0, np.nan, 0.0)
    ratio = np.full(len(is_judged), np.nan)
    ratio[is_judged] = np.where(
        is_known, np.divide(extra, least, out=free, where=least > 0), np.nan
    )
    return ratio


def _places(found: Curves, wanted: Int64s) -> tuple[Int64s, NDArray[np.bool_]]:
    """Return where groups stand among the curves, and which of them are there."""
    place = np.searchsorted(found.group_value, wanted)
    return place, np.append(found.group_value, NO_PERIOD)[place] == wanted
