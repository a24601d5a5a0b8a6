"""Startup latency: exact quantiles with intervals, phases, and matched cold and warm starts."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.query import Filters, run_sql
from analytics.startup.queries import GROUPS
from analytics.stats.quantiles import interval_shares, is_bounded_above
from data.store.reader import Reader

LEAST_JOBS = 10
SHARES = (0.5, 0.9, 0.99)


def startup_latency(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return quantiles of startup latency by input mode and start kind; withheld below 10 jobs."""
    by = values["by"]
    words = {"by": GROUPS[by]}
    latency = run_sql(reader, "startup/latency_counts", filters, words=words)
    bounds = [interval_shares(0.9, count) for count in latency["job_count"]]
    shares = sorted({*SHARES, *(point for bound in bounds for point in bound)})
    keys = ["input_mode", "start_kind", "group_value"]
    found = run_sql(reader, "startup/startup_latency", filters, words=words, shares=shares)
    latency = latency.merge(found, on=keys, how="left")
    place = {share: position for position, share in enumerate(shares)}
    is_enough = latency["job_count"] >= LEAST_JOBS

    def points(shares_at: list[float]) -> pd.Series:
        values = [row[place[at]] for row, at in zip(latency["quantiles_s"], shares_at, strict=True)]
        return pd.Series(values, index=latency.index, dtype="float64").where(is_enough)

    for name, share in zip(("p50", "p90", "p99"), SHARES, strict=True):
        latency[f"startup_latency_{name}_s"] = points([share] * len(latency))
    latency["startup_latency_p90_low_s"] = points([low for low, _ in bounds])
    latency["startup_latency_p90_high_s"] = points([high for _, high in bounds]).where(
        np.array([is_bounded_above(0.9, count) for count in latency["job_count"]], dtype=bool)
    )
    hidden = latency.pop("image_pull_hidden_job_count")
    latency = latency.drop(columns="quantiles_s")
    latency["image_pull_hidden_job_count"] = hidden
    group = latency.pop("group_value")
    if by != "all":
        latency.insert(2, by, group)
    return latency


def startup_phases(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return analytics/startup/startup_phases.sql."""
    return run_sql(reader, "startup/startup_phases", filters, least_jobs=LEAST_JOBS)


def startup_matched(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return how much sooner warm starts of the same key, image and input mode begin to train.

    Difference of medians within each group, averaged over groups by their warm starts; the interval
    takes each median's exact bootstrap interval as its spread (normal approximation).
    """
    groups = run_sql(reader, "startup/startup_matched", filters, least_jobs=LEAST_JOBS)
    rows = []
    for input_mode, members in groups.groupby("input_mode", dropna=False, sort=True):
        cold = [_median_and_spread(values) for values in members["cold_s"]]
        warm = [_median_and_spread(values) for values in members["warm_s"]]
        weights = np.array([len(values) for values in members["warm_s"]], dtype=float)
        weights /= weights.sum()
        saved_s = sum(
            weight * (one[0] - other[0])
            for weight, one, other in zip(weights, cold, warm, strict=True)
        )
        spread_s = np.sqrt(
            sum(
                weight**2 * (one[1] ** 2 + other[1] ** 2)
                for weight, one, other in zip(weights, cold, warm, strict=True)
            )
        )
        rows.append(
            {
                "input_mode": input_mode,
                "group_count": len(members),
                "cold_job_count": sum(len(values) for values in members["cold_s"]),
                "warm_job_count": sum(len(values) for values in members["warm_s"]),
                "saved_s": saved_s,
                "saved_low_s": saved_s - spread_s,
                "saved_high_s": saved_s + spread_s,
            }
        )
    columns = [
        "input_mode",
        "group_count",
        "cold_job_count",
        "warm_job_count",
        "saved_s",
        "saved_low_s",
        "saved_high_s",
    ]
    return pd.DataFrame(rows, columns=columns)


def _median_and_spread(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return a sample's median, and half the width of its 90 % bootstrap interval."""
    low, high = interval_shares(0.5, len(values))
    points = np.quantile(values, [0.5, low, high])
    return float(points[0]), float(points[2] - points[1]) / 2
