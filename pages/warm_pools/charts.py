"""Wait time by miss reason, and how often jobs hit a warm pool."""

import pandas as pd

from pages.kit import charts, formats
from pages.kit.drawing import Drawing
from pages.kit.labels import label

LEAST_JOBS = 10


def miss_reason_bars(misses: pd.DataFrame) -> Drawing:
    """Draw the avoidable wait time of each miss reason, the longest on top."""
    rows = misses.iloc[::-1]
    hours = rows["wait_lost_s"] / 3600
    # beside a bar the figures would be cut off on narrow screens
    labels = [
        f"{label('miss_reason', reason)}<br>{formats.hours(lost)} · {formats.count(jobs, 'job')}"
        for reason, lost, jobs in zip(
            rows["miss_reason"], rows["wait_lost_s"], rows["job_count"], strict=True
        )
    ]
    drawn = charts.figure(x_title="Avoidable wait time (h)", height=70 + 42 * len(rows))
    drawn.add_bar(
        x=hours,
        y=labels,
        orientation="h",
        marker={"color": charts.COLD},
        hovertemplate="%{y}<extra></extra>",
    )
    drawn.update_xaxes(range=[0, float(hours.max() or 1) * 1.05], tickformat=",")
    drawn.update_yaxes(showgrid=False, ticksuffix=" ")
    drawn.update_layout(showlegend=False)
    return drawn


def merge_bars(merges: pd.DataFrame) -> Drawing:
    """Draw the gain of each merge with its interval, the highest on top."""
    rows = merges.iloc[::-1]
    gains = rows["net_gain_usd_per_month"]
    names = [
        f"{number}. {label}"
        for number, label in zip(range(len(rows), 0, -1), rows["pool_label"], strict=True)
    ]
    drawn = charts.figure(
        x_title="Gain (USD per month)",
        height=80 + 36 * len(rows),
    )
    drawn.add_bar(
        x=gains,
        y=names,
        orientation="h",
        marker={"color": charts.WARM},
        error_x={
            "type": "data",
            "array": rows["net_gain_high_usd_per_month"] - gains,
            "arrayminus": gains - rows["net_gain_low_usd_per_month"],
            "thickness": 1.5,
            "color": charts.RUN,
        },
        customdata=rows[["differing_fields", "job_count", "net_gain_low_usd_per_month",
                         "net_gain_high_usd_per_month"]],
        hovertemplate=(
            "%{y}: %{x:,.2f} USD<br>90 %: %{customdata[2]:,.2f} to %{customdata[3]:,.2f}"
            "<br>%{customdata[0]}<br>%{customdata[1]:,} jobs<extra></extra>"
        ),
    )  # fmt: skip
    drawn.update_xaxes(rangemode="tozero", tickformat=",")
    drawn.update_yaxes(showgrid=False, ticksuffix=" ")
    drawn.update_layout(showlegend=False)
    return drawn


def hit_rate_line(rates: pd.DataFrame) -> Drawing:
    """Draw the hit rate of each day; days with few eligible jobs are hollow."""
    shown = rates.tail(charts.MOST_POINTS)
    is_enough = shown["eligible_count"] >= LEAST_JOBS
    drawn = charts.figure(y_title="Hit rate", height=300)
    drawn.add_scatter(
        x=shown["group_value"],
        y=shown["hit_rate_ratio"],
        mode="lines+markers",
        line={"color": charts.WARM, "width": 1.5},
        marker={
            "color": charts.WARM,
            "size": 7,
            "symbol": ["circle" if enough else "circle-open" for enough in is_enough],
        },
        customdata=shown[["hit_count", "eligible_count", "inferred_hit_count"]],
        hovertemplate=(
            "%{x|%a %-d %b %Y}: %{y:.1%}<br>%{customdata[0]:,} hits of %{customdata[1]:,}"
            " eligible jobs<br>of which %{customdata[2]:,} inferred<extra></extra>"
        ),
    )
    drawn.update_layout(showlegend=False)
    drawn.update_xaxes(type="date", showgrid=False)
    drawn.update_yaxes(range=[0, 1.04], tickformat=".0%", dtick=0.25)
    return drawn
