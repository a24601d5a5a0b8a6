"""Wait time by miss reason, and how often jobs hit a warm pool."""

import pandas as pd
import plotly.graph_objects as go

from pages.kit import charts, formats
from pages.kit.labels import label

LEAST_JOBS = 10


def miss_reason_bars(misses: pd.DataFrame) -> go.Figure:
    """Draw the avoidable wait time of each miss reason, the longest on top."""
    rows = misses.iloc[::-1]
    hours = rows["wait_lost_s"] / 3600
    labels = [
        f"{formats.hours(lost)} · {formats.count(jobs, 'job')}"
        for lost, jobs in zip(rows["wait_lost_s"], rows["job_count"], strict=True)
    ]
    drawn = charts.figure(x_title="Avoidable wait time (hours)", height=70 + 36 * len(rows))
    drawn.add_bar(
        x=hours,
        y=[label("miss_reason", reason) for reason in rows["miss_reason"]],
        orientation="h",
        text=labels,
        textposition="outside",
        cliponaxis=False,
        marker={"color": charts.COLD},
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    # room for the label of the longest bar
    drawn.update_xaxes(range=[0, float(hours.max() or 1) * 1.5], tickformat=",")
    drawn.update_yaxes(showgrid=False, ticksuffix=" ")
    drawn.update_layout(showlegend=False)
    return drawn


def hit_rate_line(rates: pd.DataFrame) -> go.Figure:
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
