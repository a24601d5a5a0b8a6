"""Periods side by side: two of the user's choice, and the marked ones for groups of jobs."""

from collections.abc import Callable, Iterable

import pandas as pd

from analytics.keep_alive.curve import Curve, Point
from analytics.keep_alive.decide import Objective
from analytics.query import Filters
from data.store.reader import Reader
from data.store.reference_tables import aws_limit
from pages.keep_alive.analysis import curves_by
from pages.keep_alive.rows import group_rows
from pages.kit import formats
from pages.kit.canvas import Canvas

MEASURES: tuple[tuple[str, Callable[[Point], float], Callable[[float | None], str]], ...] = (
    ("Hits", lambda point: point.hit_count, formats.count),
    ("Hit rate", lambda point: point.hit_rate_ratio, formats.percent),
    ("Wait time saved", lambda point: point.wait_saved_s, formats.hours),
    ("Idle time", lambda point: point.retained_s, formats.hours),
    ("Idle cost", lambda point: point.retained_cost_usd, formats.usd),
    ("Net cost", lambda point: point.net_cost_usd, formats.usd),
)
TWO_PERIODS = ("measure", "first_period", "second_period", "difference")
GROUPS = {"User": "user_name", "Weekday": "weekday", "Hour of day": "hour_of_day"}
GROUP_MEASURES = ("hit_rate_ratio", "wait_saved_s", "retained_cost_usd")


def draw_two_periods(
    canvas: Canvas,
    reader: Reader,
    curve: Curve,
    marks: dict[str, int],
    objective: Objective,
) -> None:
    """Draw two periods of the user's choice side by side; at first the current and the advised."""
    canvas.header("Two periods side by side")
    longest_s = aws_limit(reader, "keep_alive_period_api")
    usual_s = [marks.get("current", 0), marks.get("advised", marks.get("best", 0))]
    if usual_s[0] == usual_s[1]:
        usual_s[1] = objective.limit_s
    columns = canvas.columns(1, 1, 3)
    periods_s = []
    for column, label, key, usual in zip(
        columns[:2], ("First (s)", "Second (s)"), ("first_s", "second_s"), usual_s, strict=True
    ):
        period_s = column.number(
            label, key=key, highest=longest_s, step=60, placeholder=f"{usual:,}",
            help="Any keep-alive period in seconds. If empty, the period shown in grey is used.",
        )  # fmt: skip
        periods_s.append(usual if period_s is None else period_s)
    canvas.table(
        _measures(curve, *periods_s),
        TWO_PERIODS,
        key="two_periods",
        alt=f"Keep-alive of {periods_s[0]:,} s beside {periods_s[1]:,} s: hits, wait time, costs",
        file_name="two_periods",
    )


def draw_groups(canvas: Canvas, reader: Reader, jobs: Filters, marks: dict[str, int]) -> None:
    """Draw hit rate, wait time and idle cost of each user, weekday or hour."""
    canvas.header("By user, weekday or hour")
    name = canvas.segments("Group by", list(GROUPS), key="by", is_label_hidden=True)
    canvas.note(
        f"Counts the requests of each {name.lower()}, and the idle time after its jobs. Times are"
        " in UTC."
    )
    canvas.table(
        group_rows(curves_by(reader, jobs, GROUPS[name]), marks),
        ["group_value", "job_count", *group_columns(marks)],
        key="group_table",
        alt=f"Hit rate, wait time saved and idle cost of each {name.lower()}",
        what="groups",
        file_name="keep_alive_by_group",
    )


def group_columns(marks: Iterable[str]) -> list[str]:
    """Return the columns of a table of groups that depend on the marked periods."""
    return [f"{name}_{mark}" for name in GROUP_MEASURES for mark in marks]


def _measures(curve: Curve, first_s: int, second_s: int) -> pd.DataFrame:
    """Return a row for each measure of the curve at two periods, as it is shown."""
    first, second = curve.at(first_s), curve.at(second_s)
    period = (
        "Keep-alive period",
        f"{first_s:,} s",
        f"{second_s:,} s",
        f"{second_s - first_s:+,} s",
    )
    measures = [
        (
            name,
            write(value(first)),
            write(value(second)),
            _difference(value(second) - value(first), write),
        )
        for name, value, write in MEASURES
    ]
    return pd.DataFrame([period, *measures], columns=list(TWO_PERIODS))


def _difference(change: float, write: Callable[[float | None], str]) -> str:
    if pd.isna(change):
        return formats.UNKNOWN
    if write is formats.percent:
        return f"{change * 100:+,.1f} points"
    written = write(abs(change))
    return written if not change else ("+" if change > 0 else "-") + written
