"""Rows and sentences of the Keep-alive page, made of curves and advice."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analytics.keep_alive.curve import Curve, curve_frame, thinned
from analytics.keep_alive.decide import SETTLED, Objective
from analytics.keep_alive.groups import GroupCurves
from analytics.recommendation import Recommendation
from pages.kit import formats

GRID_POINTS = 241
MOST_REPLAYS, LEAST_REPLAYS = 61, 9
REPLAYED_JOBS = 10_000_000


def marked_periods(advice: Recommendation, curve: Curve, objective: Objective) -> dict[str, int]:
    """Return the periods to mark: the advised, else the best in hindsight; and the current one."""
    marks = dict[str, int]()
    advised_s, current_s = (
        advice.details[name] for name in ("advised_keep_alive_s", "current_keep_alive_s")
    )
    if advised_s is not None:
        marks["advised"] = advised_s
    else:
        best_s = curve.best(
            value_of_waiting_usd_per_h=objective.value_of_waiting_usd_per_h,
            limit_s=objective.limit_s,
        )
        if best_s is not None:
            marks["best"] = best_s
    if current_s is not None:
        marks["current"] = current_s
    return marks


def curve_rows(curve: Curve, longest_s: int, *also_s: int | None) -> pd.DataFrame:
    """Return a curve as rows up to `longest_s`: an even grid, where it jumps, and these periods."""
    grid = np.linspace(0, longest_s, GRID_POINTS).round()
    jumps = thinned(curve.breakpoints(longest_s), GRID_POINTS)
    # just before a jump as well, so that the line falls steeply and does not slope
    points = np.concatenate([grid, jumps, jumps - 1, [at for at in also_s if at is not None]])
    return curve_frame(curve, np.unique(points[points >= 0]).astype(np.int64))


def replayed_periods(curve: Curve, longest_s: int) -> tuple[int, ...]:
    """Return the periods to replay: as many as are quick."""
    affordable = REPLAYED_JOBS // max(curve.job_count, 1)
    count = min(max(affordable, LEAST_REPLAYS), MOST_REPLAYS)
    grid = np.linspace(0, longest_s, count).round()
    jumps = thinned(curve.breakpoints(longest_s), count)
    periods_s = thinned(np.unique(np.concatenate([grid, jumps])).astype(np.int64), count)
    return tuple(periods_s.tolist())


def group_rows(curves: GroupCurves, marks: Mapping[str, int]) -> pd.DataFrame:
    """Return one row a group: its jobs and, for each marked period, hit rate, wait time, cost."""
    periods_s = np.array(list(marks.values()), dtype=np.int64)
    rows = curves.rows_at(periods_s)
    # a row per group and period, the periods of a group one after the other
    sides = [rows.iloc[number :: len(marks)] for number in range(len(marks))]
    wide = sides[0][["group_value", "job_count"]].reset_index(drop=True)
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
    within = peaks[peaks["peak_idle_instances"].fillna(0) <= quota]["keep_alive_period_s"]
    longest_s = int(within.max())
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
        return f"None of the {formats.count(len(advice), 'pool')} should change."
    wait_saved_s = changes["wait_saved_h_per_month"].sum() * formats.SECONDS_PER_HOUR
    return (
        f"**{len(changes):,} of {formats.count(len(advice), 'pool')}** should change. Together the"
        f" changes gain {formats.usd(changes['cash_gain_usd_per_month'].sum())} in cash and save"
        f" {formats.hours(wait_saved_s)} of wait time per month:"
        f" {formats.usd(changes['net_gain_usd_per_month'].sum())} at this cost of delay."
    )


def best_rows(curve: Curve, costs_usd_per_h: Sequence[float], limit_s: int) -> pd.DataFrame:
    """Return the best period for each cost of delay, and what it would bring."""
    rows = []
    for usd_per_h in costs_usd_per_h:
        best_s = curve.best(value_of_waiting_usd_per_h=usd_per_h, limit_s=limit_s)
        point = None if best_s is None else curve.at(best_s)
        rows.append(
            {
                "cost_of_delay_usd_per_h": usd_per_h,
                "best_keep_alive_s": best_s,
                "hit_rate_ratio": point and point.hit_rate_ratio,
                "wait_saved_s": point and point.wait_saved_s,
                "retained_cost_usd": point and point.retained_cost_usd,
                "net_cost_usd": point and point.net_cost_usd,
            }
        )
    return pd.DataFrame(rows).astype("float64")
