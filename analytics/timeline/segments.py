"""A pool's timeline, segment by segment: each cluster's startups, runs and idle times."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.derived.matching import UNKNOWN
from analytics.query import Filters
from analytics.timeline.cluster_history import (
    SECOND_US,
    SEGMENTS,
    ClusterHistory,
    Flags,
    instants,
    load_history,
    span,
)
from analytics.timeline.lanes import cluster_lanes, first_jobs
from data.store.reader import Reader


def pool_timeline(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return the segments of the clusters' history, cluster by cluster."""
    history = load_history(reader, filters, values)
    shown = history.is_counted
    if values["context"] == "yes":
        shown = shown | _is_beside(history, filters)
    position = np.flatnonzero(shown)
    cluster, lane = cluster_lanes(
        first_jobs(history.donor)[position], history.begin_us[position], history.last_us[position]
    )
    cluster_of, lane_of = np.zeros(len(shown), np.int64), np.zeros(len(shown), np.int64)
    cluster_of[position], lane_of[position] = cluster, lane
    segments = _segments(history, shown)
    segments.insert(0, "cluster_number", cluster_of[segments["position"]])
    segments.insert(1, "lane", lane_of[segments["position"]])
    return segments.sort_values(
        ["cluster_number", "start_at", "position", "order"], ignore_index=True
    ).drop(columns=["position", "order"])


def _is_beside(history: ClusterHistory, filters: Filters) -> Flags:
    """Return whether a job's part of a cluster's life overlaps the time that is looked at."""
    counted = history.is_counted
    if not counted.any():
        return counted
    ends = history.last_us[counted]
    since = history.begin_us[counted].min()
    until = ends.max()
    if filters.since is not None:
        since = int(filters.since.timestamp() * SECOND_US)
    if filters.until is not None:
        until = int(filters.until.timestamp() * SECOND_US)
    return np.asarray((history.begin_us < until) & (history.last_us > since))


def _segments(history: ClusterHistory, shown: Flags) -> pd.DataFrame:
    parts = []
    for order, segment in enumerate(SEGMENTS):
        position, begin_us, end_us = span(history, segment, shown)
        is_known = end_us != UNKNOWN
        parts.append(
            pd.DataFrame(
                {
                    "segment": segment,
                    "start_at": instants(begin_us),
                    "end_at": instants(end_us).where(is_known),
                    "duration_s": np.where(is_known, (end_us - begin_us) / SECOND_US, np.nan),
                    "ended_by": _known(history.ended_by[position] if segment == "idle" else ""),
                    "position": position,
                    "order": order,
                }
            )
        )
    segments = pd.concat(parts, ignore_index=True)
    position = segments["position"].to_numpy()
    jobs = history.jobs
    is_hit = history.is_hit[position]
    segments.insert(0, "job_name", jobs["job_name"].to_numpy(dtype=object)[position])
    segments["is_hit"] = is_hit
    segments["start_kind"] = np.where(is_hit, "warm", "cold")
    segments["miss_reason"] = _known(history.miss_reason[position])
    segments["missed_by_s"] = history.missed_by_s[position]
    segments["donor_job_name"] = _known(history.donor_job_name[position])
    segments["missed_donor_job_name"] = _known(history.missed_donor_job_name[position])
    segments["is_start_known"] = history.is_start_known[position]
    segments["is_counted"] = history.is_counted[position]
    return segments


def _known(texts: Any) -> Any:
    if isinstance(texts, str):
        return texts or None
    return np.where(texts == "", None, texts)
