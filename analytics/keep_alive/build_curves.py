"""From gaps to curves: SQL gathers the gaps by whole second, one scan adds each group's up."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from analytics.keep_alive.curve import Curve, Curves, Floats, Int64s
from analytics.query import Filters, run_sql_arrays
from data.store.reader import Reader

BY_POOL = "pool_id"
TOGETHER = "0"


def build_curves(
    reader: Reader,
    filters: Filters,
    *,
    by: str = BY_POOL,
    jobs: str = "filtered_jobs",
    is_tail_observed: bool = False,
    **parameters: Any,
) -> Curves:
    """Return the curve of every group of the filtered jobs; `group_value` is what `by` gives.

    Matching ran over each pool's whole history; the filters choose which requests and which
    releases count. `by` and `jobs` are SQL of ours, with `parameters`.
    """
    steps = run_sql_arrays(
        reader,
        "keep_alive/keep_alive_curve",
        filters,
        words={"group_value": by, "jobs": jobs},
        is_tail_observed=is_tail_observed,
        tail_at=filters.until,
        **parameters,
    )
    return Curves(**_added_up(**steps))


def whole_curve(reader: Reader, filters: Filters) -> Curve:
    """Return the curve of all filtered jobs together."""
    found = build_curves(reader, filters, by=TOGETHER)
    return found.one(0) if len(found) else _nothing()


def _nothing() -> Curve:
    """Return the curve of no jobs."""
    names = set(Curves.__dataclass_fields__) - {"bounds", "gap_s"}
    zeros = {
        name: np.zeros(1, dtype=np.float64 if "usd" in name or name.endswith("_s") else np.int64)
        for name in names
    }
    return Curve(
        Curves(bounds=np.array([0, 1]), gap_s=np.array([-1], dtype=np.int64), **zeros)  # type: ignore[arg-type]
    )


def _added_up(
    group_value: Int64s,
    whole_s: Int64s,
    is_request: NDArray[np.bool_],
    job_count: Int64s,
    priced_job_count: Int64s,
    **sums: Floats,
) -> dict[str, NDArray[Any]]:
    """Add steps sorted by (group, whole second; -1 is never) up within each group."""
    is_new = np.diff(group_value, prepend=group_value[:1] - 1) != 0
    group = np.cumsum(is_new) - 1
    count = int(group[-1]) + 1 if len(group) else 0
    is_reused = whole_s >= 0
    is_new_second = is_reused & (is_new | (np.diff(whole_s, prepend=-1) != 0))
    # each group begins with a step of nothing
    place = np.cumsum(is_new_second) + group
    seconds_in = np.bincount(group[is_new_second], minlength=count)
    bounds = np.concatenate([[0], np.cumsum(seconds_in + 1)]).astype(np.int64)
    gap_s = np.full(bounds[-1], -1, dtype=np.int64)
    gap_s[place[is_new_second]] = whole_s[is_new_second]

    def total(values: NDArray[Any], chosen: NDArray[np.bool_]) -> Floats:
        return np.bincount(group[chosen], values[chosen], minlength=count).astype(float)

    def up_to(values: NDArray[Any], chosen: NDArray[np.bool_]) -> Floats:
        rows = chosen & is_reused
        by_step = np.bincount(place[rows], values[rows], minlength=bounds[-1])
        return np.asarray(_running(by_step.astype(float), bounds))

    is_release = ~is_request
    return {
        "group_value": group_value[is_new].astype(np.int64),
        "bounds": bounds,
        "job_count": total(job_count, is_request).astype(np.int64),
        "release_count": total(job_count, is_release).astype(np.int64),
        "priced_job_count": total(priced_job_count, is_request | is_release).astype(np.int64),
        "usd_per_s": total(sums["usd_per_s"], is_release),
        "cold_priced_wait_s": total(sums["priced_wait_saved_s"], is_request),
        "cold_billed_s": total(sums["billed_saved_s"], is_request),
        "cold_billed_usd": total(sums["billed_saved_usd"], is_request),
        "gap_s": gap_s,
        "hit_count": up_to(job_count, is_request).astype(np.int64),
        "hit_wait_saved_s": up_to(sums["wait_saved_s"], is_request),
        "hit_priced_wait_saved_s": up_to(sums["priced_wait_saved_s"], is_request),
        "hit_billed_saved_s": up_to(sums["billed_saved_s"], is_request),
        "hit_billed_saved_usd": up_to(sums["billed_saved_usd"], is_request),
        "taken_count": up_to(job_count, is_release).astype(np.int64),
        "taken_s": up_to(sums["gap_s"], is_release),
        "taken_usd": up_to(sums["gap_usd"], is_release),
        "taken_usd_per_s": up_to(sums["usd_per_s"], is_release),
    }


@njit(cache=True)
def _running(values: Floats, bounds: Int64s) -> Floats:
    """Return running sums that begin anew with each group: no sum loses digits to another."""
    sums = np.empty_like(values)
    for group in range(len(bounds) - 1):
        so_far = 0.0
        for step in range(bounds[group], bounds[group + 1]):
            so_far += values[step]
            sums[step] = so_far
    return sums
