"""The questions of a pool's timeline: its segments, their sums over time, and one job's phases."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.derived.matching import NEVER, UNKNOWN, Int64s
from analytics.query import Filters, answer_with, number
from analytics.timeline.bins import Floats, count_per_bin, round_step_s, seconds_per_bin
from analytics.timeline.cluster_history import SECOND_US, Flags, Lives, load_lives
from analytics.timeline.lanes import cluster_lanes, first_jobs
from data.store.store import Store

SEGMENTS = ("startup", "run", "idle")
ENDED = ("expired", "ended_early")


def pool_timeline(store: Store, filters: Filters, parameters: Mapping[str, str]) -> pd.DataFrame:
    """Return the segments of the clusters' lives, cluster by cluster."""
    lives = load_lives(store, filters, parameters)
    shown = lives.is_counted
    if parameters["context"] == "yes":
        shown = shown | _is_beside(lives, filters)
    position = np.flatnonzero(shown)
    cluster, lane = cluster_lanes(
        first_jobs(lives.donor)[position], lives.begin_us[position], lives.last_us[position]
    )
    cluster_of, lane_of = np.zeros(len(shown), np.int64), np.zeros(len(shown), np.int64)
    cluster_of[position], lane_of[position] = cluster, lane
    segments = _segments(lives, shown)
    segments.insert(0, "cluster_number", cluster_of[segments["position"]])
    segments.insert(1, "lane", lane_of[segments["position"]])
    return segments.sort_values(
        ["cluster_number", "start_at", "position", "order"], ignore_index=True
    ).drop(columns=["position", "order"])


def pool_timeline_bins(
    store: Store, filters: Filters, parameters: Mapping[str, str]
) -> pd.DataFrame:
    """Return the sums of the segments over time, in steps of a round length."""
    lives = load_lives(store, filters, parameters)
    counted = lives.is_counted
    spans = {name: _span(lives, name, counted) for name in SEGMENTS}
    known = [np.concatenate([begin[end != UNKNOWN], end[end != UNKNOWN]])
             for _, begin, end in spans.values()]  # fmt: skip
    instants = np.concatenate([lives.begin_us[counted], *known])
    step_s = int(number(parameters, "step_s"))
    if not len(instants):
        return pd.DataFrame(columns=_BIN_COLUMNS)
    first_us, last_us = int(instants.min()), int(instants.max())
    step_us = (step_s or round_step_s((last_us - first_us) / SECOND_US)) * SECOND_US
    edges_us = np.arange(first_us // step_us, last_us // step_us + 2, dtype=np.int64) * step_us
    columns: dict[str, Any] = {
        "bin_at": _instants(edges_us[:-1]),
        "step_s": step_us // SECOND_US,
    }
    for name, (_, begin_us, end_us) in spans.items():
        is_known = end_us != UNKNOWN
        columns[f"{name}_s"] = seconds_per_bin(edges_us, begin_us[is_known], end_us[is_known])
    hits = counted & lives.is_hit
    ended = counted & np.isin(lives.ended_by, ENDED)
    columns["job_count"] = count_per_bin(edges_us, lives.begin_us[counted])
    columns["hit_count"] = count_per_bin(edges_us, lives.begin_us[hits])
    columns["cold_start_count"] = columns["job_count"] - columns["hit_count"]
    columns["expiry_count"] = count_per_bin(edges_us, lives.idle_end_us[ended])
    bins = pd.DataFrame(columns)
    something = ["job_count", "expiry_count", *(f"{name}_s" for name in SEGMENTS)]
    # a hair, since sums of seconds are rounded
    return bins[(bins[something] > 1e-6).any(axis=1)].reset_index(drop=True)


def pool_timeline_totals(
    store: Store, filters: Filters, parameters: Mapping[str, str]
) -> pd.DataFrame:
    """Return one row: what the pool's clusters gave and cost, as the other questions have it."""
    lives = load_lives(store, filters, parameters)
    counted = lives.is_counted
    jobs = lives.jobs[counted]
    hits = lives.is_hit[counted]
    retained_s, usd = lives.retained_s[counted], lives.retained_cost_usd[counted]
    row = {
        "job_count": len(jobs),
        "hit_count": int(hits.sum()),
        "cold_start_count": int((~hits).sum()),
        "hit_rate_ratio": hits.mean() if len(jobs) else np.nan,
        "retained_s": _sum_of_known(retained_s),
        "retained_cost_usd": _sum_of_known(usd),
        "unknown_retained_job_count": int(np.isnan(retained_s).sum()),
        "expiry_count": int(np.isin(lives.ended_by[counted], ENDED).sum()),
        "wait_saved_s": float(jobs["wait_saved_s"].to_numpy(dtype=float)[hits].sum()),
        "no_end_job_count": int((lives.release_us[counted] == NEVER).sum()),
        "no_start_job_count": int((~lives.is_start_known[counted]).sum()),
    }
    return pd.DataFrame([row])


def pool_hours(store: Store, filters: Filters, parameters: Mapping[str, str]) -> pd.DataFrame:
    """Return the hours in which the filtered jobs asked for clusters."""
    return answer_with(store, "timeline/hours", filters.of_pool(parameters["pool_key"]))


def job_phases(store: Store, filters: Filters, parameters: Mapping[str, str]) -> pd.DataFrame:
    """Return the phases of the filtered jobs, as AWS reports them, else from the job's times."""
    return answer_with(store, "timeline/job_phases", filters)


_BIN_COLUMNS = ["bin_at", "step_s", "startup_s", "run_s", "idle_s", "job_count", "hit_count",
                "cold_start_count", "expiry_count"]  # fmt: skip


def _sum_of_known(values: Floats) -> float:
    """Return the sum of what is known; NaN where nothing is."""
    is_known = ~np.isnan(values)
    return float(values[is_known].sum()) if is_known.any() else float("nan")


def _is_beside(lives: Lives, filters: Filters) -> Flags:
    """Return whether a job's part of a cluster's life overlaps the time that is looked at."""
    counted = lives.is_counted
    if not counted.any():
        return counted
    ends = lives.last_us[counted]
    since = lives.begin_us[counted].min()
    until = ends.max()
    if filters.since is not None:
        since = int(filters.since.timestamp() * SECOND_US)
    if filters.until is not None:
        until = int(filters.until.timestamp() * SECOND_US)
    return np.asarray((lives.begin_us < until) & (lives.last_us > since))


def _span(lives: Lives, segment: str, shown: Flags) -> tuple[Int64s, Int64s, Int64s]:
    """Return positions, starts and ends of one kind of segment; UNKNOWN: no end is recorded."""
    if segment == "startup":
        position = np.flatnonzero(shown & (lives.run_us > lives.begin_us))
        return position, lives.begin_us[position], lives.run_us[position]
    if segment == "run":
        position = np.flatnonzero(shown)
        end_us = lives.release_us[position]
        return position, lives.run_us[position], np.where(end_us == NEVER, UNKNOWN, end_us)
    position = np.flatnonzero(shown & (lives.ended_by != ""))
    return position, lives.release_us[position], lives.idle_end_us[position]


def _segments(lives: Lives, shown: Flags) -> pd.DataFrame:
    parts = []
    for order, segment in enumerate(SEGMENTS):
        position, begin_us, end_us = _span(lives, segment, shown)
        is_known = end_us != UNKNOWN
        parts.append(
            pd.DataFrame(
                {
                    "segment": segment,
                    "start_at": _instants(begin_us),
                    "end_at": _instants(end_us).where(is_known),
                    "duration_s": np.where(is_known, (end_us - begin_us) / SECOND_US, np.nan),
                    "ended_by": _known(lives.ended_by[position] if segment == "idle" else ""),
                    "position": position,
                    "order": order,
                }
            )
        )
    segments = pd.concat(parts, ignore_index=True)
    position = segments["position"].to_numpy()
    jobs = lives.jobs
    is_hit = lives.is_hit[position]
    segments.insert(0, "job_name", jobs["job_name"].to_numpy(dtype=object)[position])
    segments["is_hit"] = is_hit
    segments["start_kind"] = np.where(is_hit, "warm", "cold")
    segments["miss_reason"] = _known(lives.miss_reason[position])
    segments["missed_by_s"] = lives.missed_by_s[position]
    segments["donor_job_name"] = _known(lives.donor_job_name[position])
    segments["missed_donor_job_name"] = _known(lives.missed_donor_job_name[position])
    segments["is_start_known"] = lives.is_start_known[position]
    segments["is_counted"] = lives.is_counted[position]
    return segments


def _instants(at_us: Int64s) -> "pd.Series[pd.Timestamp]":
    return pd.Series(pd.to_datetime(np.maximum(at_us, 0), unit="us", utc=True))


def _known(texts: Any) -> Any:
    if isinstance(texts, str):
        return texts or None
    return np.where(texts == "", None, texts)
