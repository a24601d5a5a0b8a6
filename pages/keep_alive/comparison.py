"""Periods side by side: the marked ones, two of the user's choice, and what groups see of them."""

from collections.abc import Callable, Iterable

import pandas as pd
import streamlit as st

from analytics.keep_alive.curve import Curve, Point
from analytics.keep_alive.decide import Objective
from pages.kit import formats, tables, text

LONGEST_S = 21_600
MEASURES: tuple[tuple[str, Callable[[Point], float], Callable[[float | None], str]], ...] = (
    ("Hits", lambda point: point.hit_count, formats.count),
    ("Hit rate", lambda point: point.hit_rate_ratio, formats.percent),
    ("Waiting saved", lambda point: point.wait_saved_s, formats.hours),
    ("Idle time", lambda point: point.retained_s, formats.hours),
    ("Idle cost", lambda point: point.retained_cost_usd, formats.usd),
    ("Net cost", lambda point: point.net_cost_usd, formats.usd),
)
GROUP_MEASURES = ("hit_rate_ratio", "wait_saved_s", "retained_cost_usd")


def marks(advice: pd.Series, curve: Curve, wishes: Objective) -> dict[str, int]:
    """Return the periods to mark: advised, else best in hindsight; and today's, if it is one."""
    found = dict[str, int]()
    if pd.notna(advice.advised_keep_alive_s):
        found["advised"] = int(advice.advised_keep_alive_s)
    else:
        best_s = curve.best(
            value_of_waiting_usd_per_h=wishes.value_of_waiting_usd_per_h, limit_s=wishes.limit_s
        )
        if best_s is not None:
            found["best"] = best_s
    if pd.notna(advice.current_keep_alive_s):
        found["today"] = int(advice.current_keep_alive_s)
    return found


def two_periods(curve: Curve, marked: dict[str, int], wishes: Objective) -> None:
    """Draw two periods of the user's choice side by side; at first today's and the advised."""
    text.header("Two periods side by side")
    usual_s = [marked.get("today", 0), marked.get("advised", marked.get("best", 0))]
    if usual_s[0] == usual_s[1]:
        usual_s[1] = wishes.limit_s
    columns = st.columns([1, 1, 3], gap="medium")
    periods_s = []
    for column, label, key, usual in zip(
        columns[:2], ("First (s)", "Second (s)"), ("first_s", "second_s"), usual_s, strict=True
    ):
        given = column.number_input(
            label, min_value=0, max_value=LONGEST_S, step=60, value=None, key=key,
            bind="query-params", placeholder=f"{usual:,}",
            help="Any keep-alive period in seconds. Empty: the one in grey.",
        )  # fmt: skip
        periods_s.append(usual if given is None else int(given))
    first, second = (curve.at(period_s) for period_s in periods_s)
    rows = pd.DataFrame(
        [
            {
                "measure": name,
                "first_period": write(value(first)),
                "second_period": write(value(second)),
                "difference": _difference(value(second) - value(first), write),
            }
            for name, value, write in MEASURES
        ]
    )
    period = {
        "measure": "Keep-alive period",
        "first_period": f"{periods_s[0]:,} s",
        "second_period": f"{periods_s[1]:,} s",
        "difference": f"{periods_s[1] - periods_s[0]:+,} s",
    }
    tables.show(
        pd.concat([pd.DataFrame([period]), rows], ignore_index=True),
        ["measure", "first_period", "second_period", "difference"],
        key="two_periods",
        alt=f"{periods_s[0]:,} s beside {periods_s[1]:,} s: hits, waiting and costs",
        file_name="two_periods",
    )


def group_columns(marked: Iterable[str]) -> list[str]:
    """Return the columns of a table of groups, for the marked periods."""
    names = [f"{name}_{mark}" for name in GROUP_MEASURES for mark in marked]
    return ["group_value", "job_count", *names]


def _difference(change: float, write: Callable[[float | None], str]) -> str:
    if pd.isna(change):
        return formats.UNKNOWN
    if write is formats.percent:
        return f"{change * 100:+,.1f} points"
    written = write(abs(change))
    return written if not change else ("+" if change > 0 else "\N{MINUS SIGN}") + written
