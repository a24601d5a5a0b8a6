"""Whose capacity it was over time, what each share was entitled to and got, and how long it waited.

What a colour says is said by a pattern, a dash or a symbol too.
"""

from typing import Any

import pandas as pd

from pages.kit import charts, formats
from pages.kit.drawing import Drawing
from pages.kit.rows import records
from pages.shares.names import share_label

# name of the column, of the band, colour, pattern
QUEUE_BANDS = (
    ("owned_used_instance_h", "Own capacity, used", charts.COLD, ""),
    ("borrowed_instance_h", "Borrowed", charts.WARM, "x"),
    ("owned_idle_instance_h", "Idle", charts.IDLE, charts.IDLE_PATTERN),
    ("unassigned_idle_instance_h", "Idle, owned by no share", "#D8C79A", "."),
)
UNOWNED_BANDS = (
    ("used_instance_h", "Used", charts.COLD, ""),
    ("idle_instance_h", "Idle", charts.IDLE, charts.IDLE_PATTERN),
)
SHARE_BANDS = (
    ("owned_used_instance_h", "Own capacity, used", charts.COLD, ""),
    ("borrowed_instance_h", "Borrowed", charts.WARM, "x"),
    ("lent_instance_h", "Lent to others", charts.RUN, "\\"),
    ("idle_instance_h", "Idle", charts.IDLE, charts.IDLE_PATTERN),
)
LINES = (
    ("waiting_instance_h", "Waited for", "#B3261E", "dot"),
    ("preempted_instance_h", "Used by attempts that were preempted", "#7A3FA0", "dash"),
)
MOST_STEPS = charts.MOST_POINTS // 4
MILLISECONDS = {"hour": 3_600_000, "day": 86_400_000}


def bands(
    rows: pd.DataFrame, names: tuple[tuple[str, str, str, str], ...], *, step: str, unit: str
) -> Drawing:
    """Draw bands on top of each other, one bar a step, and what was waited for as a line."""
    drawn = charts.figure(y_title=f"{unit} per {step}", height=340)
    shown = rows.tail(MOST_STEPS)
    for name, title, colour, pattern in names:
        if shown[name].isna().all():
            continue
        drawn.add_bar(
            x=shown["hour_at"],
            y=shown[name],
            width=MILLISECONDS[step],
            offset=0,
            name=title,
            marker={
                "color": colour,
                "opacity": 0.6 if pattern in (charts.IDLE_PATTERN, ".") else 1,
                "line": {"width": 0},
                "pattern": {
                    "shape": pattern,
                    "size": 5,
                    "solidity": 0.25,
                    "fillmode": "overlay",
                    "fgcolor": "#FFFFFF",
                },
            },
            hovertemplate="%{x|%a %-d %b %Y, %H:%M}: %{y:,.1f}<extra>" + title + "</extra>",
        )
    for name, title, colour, dash in LINES:
        if not shown[name].gt(0).any():
            continue
        drawn.add_scatter(
            x=shown["hour_at"],
            y=shown[name],
            name=title,
            mode="lines",
            line={"color": colour, "width": 2, "dash": dash, "shape": "hv"},
            hovertemplate="%{x|%a %-d %b %Y, %H:%M}: %{y:,.1f}<extra>" + title + "</extra>",
        )
    drawn.update_layout(barmode="stack", bargap=0, hovermode="x unified")
    drawn.update_xaxes(type="date", showgrid=False)
    drawn.update_yaxes(rangemode="tozero")
    return drawn


def entitlements(usage: pd.DataFrame) -> Drawing:
    """Draw what each share was entitled to (a bar's outline) and what it got (a filled bar)."""
    rows = usage.iloc[::-1]
    names = [share_label(name) for name in rows["share_name"]]
    drawn = charts.figure(x_title="Part of the queue's capacity", height=90 + 46 * len(rows))
    drawn.add_bar(
        x=rows["entitlement_ratio"],
        y=names,
        orientation="h",
        name="Entitled to",
        marker={"color": "rgba(184, 131, 0, 0.18)", "line": {"color": charts.IDLE, "width": 2}},
        hovertemplate="%{y}: %{x:.1%}<extra>Entitled to</extra>",
        width=0.8,
    )
    drawn.add_bar(
        x=rows["received_ratio"],
        y=names,
        orientation="h",
        name="Received",
        marker={"color": charts.COLD},
        text=[formats.percent(ratio) for ratio in rows["received_ratio"]],
        textposition="auto",
        hovertemplate="%{y}: %{x:.1%}<extra>Received</extra>",
        width=0.4,
    )
    drawn.update_layout(barmode="overlay")
    drawn.update_xaxes(tickformat=".0%", rangemode="tozero")
    drawn.update_yaxes(ticksuffix=" ", showgrid=False, type="category")
    return drawn


def wait_dots(waits: pd.DataFrame) -> Drawing:
    """Draw P50, P90 and P99 of each share and priority; withheld ones are left out."""
    rows = waits.dropna(subset=["queue_wait_p90_s"]).iloc[::-1]
    names = [_group(row) for row in records(rows)]
    unit = formats.span_unit(rows["queue_wait_p99_s"])
    drawn = charts.figure(x_title=f"Queue wait ({unit.long})", height=90 + 34 * max(1, len(rows)))
    for name, title, symbol, colour in (
        ("queue_wait_p50_s", "P50", "circle", charts.RUN),
        ("queue_wait_p90_s", "P90", "diamond", charts.WARM),
        ("queue_wait_p99_s", "P99", "line-ns-open", charts.IDLE),
    ):
        drawn.add_scatter(
            x=rows[name] / unit.seconds,
            y=names,
            mode="markers",
            name=title,
            marker={"symbol": symbol, "size": 11, "color": colour, "line": {"width": 2,
                                                                             "color": colour}},
            customdata=[formats.duration(value) for value in rows[name]],
            hovertemplate="%{y}: %{customdata}<extra>" + title + "</extra>",
        )  # fmt: skip
    drawn.update_xaxes(rangemode="tozero", tickformat=",")
    drawn.update_yaxes(ticksuffix=" ", type="category")
    return drawn


def hour_profile(peaks: pd.DataFrame) -> Drawing:
    """Draw the median and the highest use of each hour of the day."""
    drawn = charts.figure(x_title="Hour of the day (UTC)", y_title="Instances in use", height=260)
    drawn.add_bar(
        x=peaks["hour_of_day"],
        y=peaks["median_used_instance_h"],
        name="Median",
        marker={"color": charts.COLD},
        hovertemplate="%{x}:00: %{y:,.1f}<extra>Median</extra>",
    )
    drawn.add_scatter(
        x=peaks["hour_of_day"],
        y=peaks["peak_used_instance_h"],
        name="Highest",
        mode="markers",
        marker={"color": charts.WARM, "symbol": "diamond", "size": 9},
        hovertemplate="%{x}:00: %{y:,.1f}<extra>Highest</extra>",
    )
    drawn.update_xaxes(dtick=3, range=[-0.6, 23.6], showgrid=False)
    drawn.update_yaxes(rangemode="tozero")
    return drawn


def _group(row: Any) -> str:
    name = share_label(row.share_name)
    if formats.is_unknown(row.scheduling_priority):
        return name
    return f"{name}, priority {row.scheduling_priority:.0f}"
