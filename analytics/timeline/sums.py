"""A pool's timeline in sums: over steps of time, over the whole span, and its hours with jobs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.derived.matching import NEVER, UNKNOWN
from analytics.query import Filters, run_sql
from analytics.stats.ratios import ratios
from analytics.timeline.bins import Floats, count_per_bin, round_step_s, seconds_per_bin
from analytics.timeline.cluster_history import SECOND_US, SEGMENTS, instants, load_history, span
from data.store.reader import Reader

ENDED = ("expired", "ended_early")
_BIN_COLUMNS = ["bin_at", "step_s", "startup_s", "run_s", "idle_s", "job_count", "hit_count",
                "cold_start_count", "expiry_count"]  # fmt: skip


def pool_timeline_bins(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return the sums of the segments over time, in steps of a round length."""
    history = load_history(reader, filters, values)
    counted = history.is_counted
    spans = {name: span(history, name, counted) for name in SEGMENTS}
    known = [np.concatenate([begin[end != UNKNOWN], end[end != UNKNOWN]])
             for _, begin, end in spans.values()]  # fmt: skip
    moments_us = np.concatenate([history.begin_us[counted], *known])
    step_s = int(values["step_s"])
    if not len(moments_us):
        return pd.DataFrame(columns=_BIN_COLUMNS)
    first_us, last_us = int(moments_us.min()), int(moments_us.max())
    step_us = (step_s or round_step_s((last_us - first_us) / SECOND_US)) * SECOND_US
    edges_us = np.arange(first_us // step_us, last_us // step_us + 2, dtype=np.int64) * step_us
    columns: dict[str, Any] = {
        "bin_at": instants(edges_us[:-1]),
        "step_s": step_us // SECOND_US,
    }
    for name, (_, begin_us, end_us) in spans.items():
        is_known = end_us != UNKNOWN
        columns[f"{name}_s"] = seconds_per_bin(edges_us, begin_us[is_known], end_us[is_known])
    hits = counted & history.is_hit
    ended = counted & np.isin(history.ended_by, ENDED)
    columns["job_count"] = count_per_bin(edges_us, history.begin_us[counted])
    columns["hit_count"] = count_per_bin(edges_us, history.begin_us[hits])
    columns["cold_start_count"] = columns["job_count"] - columns["hit_count"]
    columns["expiry_count"] = count_per_bin(edges_us, history.idle_end_us[ended])
    bins = pd.DataFrame(columns)
    something = ["job_count", "expiry_count", *(f"{name}_s" for name in SEGMENTS)]
    # a hair, since sums of seconds are rounded
    return bins[(bins[something] > 1e-6).any(axis=1)].reset_index(drop=True)


def pool_timeline_totals(
    reader: Reader, filters: Filters, values: Mapping[str, Any]
) -> pd.DataFrame:
    """Return one row: what the pool's clusters gave and cost, as the other questions have it."""
    history = load_history(reader, filters, values)
    counted = history.is_counted
    jobs = history.jobs[counted]
    hits = history.is_hit[counted]
    retained_s, usd = history.retained_s[counted], history.retained_cost_usd[counted]
    row = {
        "job_count": len(jobs),
        "hit_count": int(hits.sum()),
        "cold_start_count": int((~hits).sum()),
        "hit_rate_ratio": ratios(np.array([hits.sum()]), np.array([len(jobs)]))[0],
        "retained_s": _sum_of_known(retained_s),
        "retained_cost_usd": _sum_of_known(usd),
        "unknown_retained_job_count": int(np.isnan(retained_s).sum()),
        "expiry_count": int(np.isin(history.ended_by[counted], ENDED).sum()),
        "wait_saved_s": float(jobs["wait_saved_s"].to_numpy(dtype=float)[hits].sum()),
        "no_end_job_count": int((history.release_us[counted] == NEVER).sum()),
        "no_start_job_count": int((~history.is_start_known[counted]).sum()),
    }
    return pd.DataFrame([row])


def pool_hours(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return the hours in which the filtered jobs asked for clusters."""
    return run_sql(reader, "timeline/pool_hours", filters.for_pool(values["pool_key"]))


def _sum_of_known(values: Floats) -> float:
    """Return the sum of what is known; NaN where nothing is."""
    is_known = ~np.isnan(values)
    return float(values[is_known].sum()) if is_known.any() else float("nan")
