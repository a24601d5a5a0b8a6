"""Rows and sentences of the Keep-alive page, made of curves and answers."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analytics.keep_alive.curve import Curve, curve_frame, thinned
from analytics.keep_alive.decide import SETTLED
from analytics.keep_alive.groups import GroupCurves
from pages.kit import formats

GRID_POINTS = 241
MOST_REPLAYS, LEAST_REPLAYS = 61, 9
REPLAYED_JOBS = 10_000_000


def curve_rows(curve: Curve, longest_s: int, *also_s: int | None) -> pd.DataFrame:
    """Return a curve as rows up to `longest_s`: an even grid, where it jumps, and these periods."""
    grid = np.linspace(0, longest_s, GRID_POINTS).round()
    jumps = thinned(curve.breakpoints(longest_s), GRID_POINTS)
    # just before a jump as well, so that the line falls steeply and does not slope
    points = np.concatenate([grid, jumps, jumps - 1, [at for at in also_s if at is not None]])
    return curve_frame(curve, np.unique(points[points >= 0]).astype(np.int64))


def replayed_periods(curve: Curve, longest_s: int) -> str:
    """Return the periods to replay, as a comma list: as many as are quick."""
    affordable = REPLAYED_JOBS // max(curve.job_count, 1)
    count = min(max(affordable, LEAST_REPLAYS), MOST_REPLAYS)
    grid = np.linspace(0, longest_s, count).round()
    jumps = thinned(curve.breakpoints(longest_s), count)
    periods_s = thinned(np.unique(np.concatenate([grid, jumps])).astype(np.int64), count)
    return ",".join(str(period_s) for period_s in periods_s)


def group_rows(found: GroupCurves, marks: Mapping[str, int]) -> pd.DataFrame:
    """Return one row a group: its jobs and, for each marked period, hit rate, waiting and cost."""
    periods_s = np.array(list(marks.values()), dtype=np.int64)
    rows = found.rows_at(periods_s)
    # a row per group and period, the periods of a group one after the other
    first, *_ = sides = [rows.iloc[number :: len(marks)] for number in range(len(marks))]
    wide = first[["group_value", "job_count"]].reset_index(drop=True)
    for name in ("hit_rate_ratio", "wait_saved_s", "retained_cost_usd"):
        for mark, side in zip(marks, sides, strict=True):
            wide[f"{name}_{mark}"] = side[name].to_numpy()
    return wide


def marked_rows(curve: Curve, marks: Mapping[str, int]) -> pd.DataFrame:
    """Return the curve at the marked periods, with their marks."""
    rows = curve_frame(curve, np.array(list(marks.values()), dtype=np.int64))
    return rows.assign(mark=list(marks))


def within_quota(peaks: pd.DataFrame, quota: int) -> str:
    """Say up to which of the replayed periods a warm-pool quota is enough."""
    fits = peaks[peaks["peak_idle_instances"].fillna(0) <= quota]["keep_alive_period_s"]
    longest_s = int(fits.max())
    if longest_s == int(peaks["keep_alive_period_s"].max()):
        return f"A quota of {quota:,} would have been enough for every period here."
    return (
        f"A quota of {quota:,} would have been enough up to {longest_s:,} s. Beyond it AWS keeps"
        " fewer clusters than the curve assumes."
    )


def fleet_sentence(advice: pd.DataFrame) -> str:
    """Say what the changes of all pools would gain together."""
    changes = advice[~advice["verdict"].isin(SETTLED)]
    if changes.empty:
        return f"No change for any of {formats.count(len(advice), 'pool')}."
    return (
        f"**{formats.count(len(changes), 'pool')}** of {len(advice):,} should change:"
        f" together {formats.usd(changes['net_gain_usd_per_month'].sum())} and"
        f" {formats.hours(changes['wait_saved_h_per_month'].sum() * 3600)} of waiting saved a"
        " month."
    )


def best_rows(curve: Curve, worths_usd_per_h: Sequence[float], limit_s: int) -> pd.DataFrame:
    """Return the best period for each worth of an hour of waiting, and what it would bring."""
    rows = []
    for worth in worths_usd_per_h:
        best_s = curve.best(value_of_waiting_usd_per_h=worth, limit_s=limit_s)
        point = None if best_s is None else curve.at(best_s)
        rows.append(
            {
                "value_usd_per_h": worth,
                "best_s": best_s,
                "hit_rate_ratio": point and point.hit_rate_ratio,
                "wait_saved_s": point and point.wait_saved_s,
                "retained_cost_usd": point and point.retained_cost_usd,
                "net_cost_usd": point and point.net_cost_usd,
            }
        )
    return pd.DataFrame(rows).astype("float64")
