"""Advice on a queue's settings: what the search found, and how it is judged."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.quantities import HOURS_PER_DAY, HOURS_PER_MONTH, SECONDS_PER_HOUR, span_text
from analytics.query import Filters, run_sql
from analytics.recommendation import assumed_value
from analytics.relations import QUEUE_JOBS
from analytics.share_replay.calibrate import Calibrated, calibrate
from analytics.share_replay.measures import Measures
from analytics.share_replay.scenario_files import format_scenario
from analytics.share_replay.search import Report, Search, Trial, search
from analytics.share_replay.settings_in_force import frame_rows
from analytics.share_replay.snippets import setting
from analytics.stats.bootstrap import interval
from data.store.reader import Reader
from data.store.settings import load_settings

ADOPT = "adopt"

_US_PER_DAY = 86_400_000_000
_DAYS_PER_MONTH = HOURS_PER_MONTH / HOURS_PER_DAY
COLUMNS = (
    "queue_name",
    "scenario_name",
    "verdict",
    "job_count",
    "current_wait_mean_s",
    "advised_wait_mean_s",
    "worst_share_name",
    "current_worst_share_p90_s",
    "advised_worst_share_p90_s",
    "current_lost_instance_h",
    "advised_lost_instance_h",
    "wait_saved_h_per_month",
    "cash_gain_usd_per_month",
    "net_gain_usd_per_month",
    "net_gain_low_usd_per_month",
    "net_gain_high_usd_per_month",
    "backtest_regret_ratio",
    "calibration_error_ratio",
    "rationale",
    "setting",
    "scenario_text",
)


def advice_rows(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return the advice on every queue whose jobs pass the filters."""
    value, is_assumed = load_settings(reader.home).valued(values["value_of_waiting_usd_per_h"])
    queues = frame_rows(run_sql(reader, "share_replay/queue_counts", filters, relation=QUEUE_JOBS))
    parts = []
    for queue in queues:
        others = tuple(term for term in filters.where if term[0] != "queue_name")
        of_queue = Filters(
            filters.since,
            filters.until,
            (*others, ("queue_name", queue["queue_name"] or "")),
        )
        found = calibrate(reader, of_queue)
        parts.append(
            advice_on(
                reader,
                found,
                value_of_waiting_usd_per_h=value,
                is_value_assumed=is_assumed,
            )
        )
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(parts, ignore_index=True)


def advice_on(
    reader: Reader,
    found: Calibrated,
    *,
    value_of_waiting_usd_per_h: float = 0.0,
    is_value_assumed: bool = False,
    report: Report | None = None,
) -> pd.DataFrame:
    """Return the advice on one queue: a row for each of the settings that came out best.

    Where nothing is to be changed there is one row, whose verdict says why.
    """
    searched = None
    if found.is_explained:
        searched = search(found.requests, found.settings.scenario, report)
    if searched is None or searched.base.late is None:
        return pd.DataFrame([_settled(found)], columns=list(COLUMNS))
    if not searched.front:
        return pd.DataFrame([_kept(found, searched)], columns=list(COLUMNS))
    price = _price(reader, found.settings.queue_name)
    money = _money(value_of_waiting_usd_per_h, price)
    rows = [_row(found, searched, trial, money) for trial in searched.front]
    if is_value_assumed:
        for row in rows:
            row["rationale"] += f" {assumed_value(value_of_waiting_usd_per_h)}"
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _settled(found: Calibrated) -> dict[str, Any]:
    error = found.errors.wait_mean_error_ratio if found.errors else None
    base = {"queue_name": found.settings.queue_name, "calibration_error_ratio": error}
    if found.is_explained:
        return base | {
            "verdict": "not_enough_data",
            "job_count": len(found.requests),
            "rationale": "Too few jobs to choose settings on one part, to judge them on the rest.",
        }
    why = found.problem.what if found.problem else "Today's settings do not explain the past."
    return base | {
        "verdict": "not_explained",
        "job_count": len(found.requests),
        "rationale": f"{why} What other settings would do cannot be told either.",
    }


def _kept(found: Calibrated, searched: Search) -> dict[str, Any]:
    assert searched.base.late is not None
    return {
        **_figures(found, searched, searched.base, searched.base.late),
        "verdict": "keep",
        "rationale": f"None of {searched.tried_count} other settings would have been better.",
    }


Money = Callable[[float, float], float | None]


def _money(value_usd_per_h: float, price_usd_per_h: float | None) -> Money:
    def money(wait_saved_h: float, lost_h: float) -> float | None:
        """Return what saved waits are worth, less the work that is lost; None: price unknown."""
        if lost_h and price_usd_per_h is None:
            return None
        return wait_saved_h * value_usd_per_h - lost_h * (price_usd_per_h or 0.0)

    return money


def _row(found: Calibrated, searched: Search, trial: Trial, money: Money) -> dict[str, Any]:
    base, late = searched.base.late, trial.late
    assert base is not None
    assert late is not None
    saved_h, low_h, high_h, day_count = _saved_h(found, searched, trial)
    lost_h = (late.lost_h - base.lost_h) / day_count * _DAYS_PER_MONTH
    scenario = trial.candidate.scenario
    return {
        **_figures(found, searched, trial, late),
        "verdict": ADOPT if trial.is_confirmed else "not_confirmed",
        "wait_saved_h_per_month": saved_h,
        "cash_gain_usd_per_month": money(0.0, lost_h),
        "net_gain_usd_per_month": money(saved_h, lost_h),
        "net_gain_low_usd_per_month": money(low_h, lost_h),
        "net_gain_high_usd_per_month": money(high_h, lost_h),
        "rationale": _rationale(trial, base, late, found),
        "setting": setting(scenario),
        "scenario_text": format_scenario(scenario),
    }


def _figures(found: Calibrated, searched: Search, trial: Trial, late: Measures) -> dict[str, Any]:
    base = searched.base.late
    assert base is not None
    error = found.errors.wait_mean_error_ratio if found.errors else None
    return {
        "queue_name": found.settings.queue_name,
        "scenario_name": trial.candidate.scenario.name,
        "job_count": late.job_count,
        "current_wait_mean_s": base.wait_mean_s,
        "advised_wait_mean_s": late.wait_mean_s,
        "worst_share_name": late.worst_share,
        "current_worst_share_p90_s": base.worst_share_p90_s,
        "advised_worst_share_p90_s": late.worst_share_p90_s,
        "current_lost_instance_h": base.lost_h,
        "advised_lost_instance_h": late.lost_h,
        "backtest_regret_ratio": searched.regret_ratio,
        "calibration_error_ratio": error,
    }


def _saved_h(
    found: Calibrated, searched: Search, trial: Trial
) -> tuple[float, float, float, float]:
    """Return the hours of waiting saved a month with a 90 % interval, and the days judged on."""
    before_s, after_s = searched.base.late_wait_s, trial.late_wait_s
    assert before_s is not None
    assert after_s is not None
    saved_h = np.nan_to_num(before_s - after_s) / SECONDS_PER_HOUR
    day = found.requests.created_us[searched.late] // _US_PER_DAY
    day -= day[0]
    day_count = np.array([day[-1] + 1], dtype=np.int64)
    days, place = np.unique(day, return_inverse=True)
    by_day = np.bincount(place, saved_h).astype(float)
    low, high = interval(np.array([0, len(days)]), days, by_day, day_count)
    mean = by_day.sum() / day_count[0]
    months = _DAYS_PER_MONTH
    return mean * months, float(low[0]) * months, float(high[0]) * months, float(day_count[0])


def _rationale(trial: Trial, base: Measures, late: Measures, found: Calibrated) -> str:
    sentences = [
        trial.candidate.reason,
        f"On the later part of the history the mean wait goes from {span_text(base.wait_mean_s)} to"
        f" {span_text(late.wait_mean_s)}, and the longest P90 wait of a share from"
        f" {span_text(base.worst_share_p90_s)} ({base.worst_share or 'no share'}) to"
        f" {span_text(late.worst_share_p90_s)} ({late.worst_share or 'no share'}).",
    ]
    if late.lost_h or base.lost_h:
        unit = found.settings.scenario.capacity_unit.removesuffix("s")
        sentences.append(
            f"Preemption cuts off {late.lost_h:,.1f} {unit}-hours of work, instead of"
            f" {base.lost_h:,.1f}."
        )
    sentences.append(
        "It was chosen on the first 70 % of the time, and the rest confirms it."
        if trial.is_confirmed
        else "It looked better on the first 70 % of the time, but the rest does not confirm it."
    )
    if found.errors and found.errors.wait_mean_error_ratio is not None:
        sentences.append(
            "The replay of today's settings is off by"
            f" {found.errors.wait_mean_error_ratio:.0%} in the mean wait."
        )
    return " ".join(sentences)


def _price(reader: Reader, queue_name: str | None) -> float | None:
    rows = frame_rows(
        run_sql(reader, "share_replay/queue_price", relation=None, queue_name=queue_name)
    )
    return rows[0]["usd_per_h"] if rows else None
