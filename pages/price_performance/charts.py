"""Configurations by cost and time of a step, and their cost against the baseline's."""

import pandas as pd

from pages.kit import charts, formats
from pages.kit.drawing import Drawing
from pages.kit.labels import label
from pages.kit.point_labels import add_labels
from pages.kit.rows import records

COLOURS = {
    "cheaper": (charts.WARM, "circle"),
    "dearer": (charts.COLD, "diamond"),
    "within_noise": (charts.RUN, "circle-open"),
    "no_interval": (charts.IDLE, "square-open"),
    "baseline": (charts.RUN, "square"),
}
HEIGHT = 380


def frontier(configurations: pd.DataFrame, paid: str) -> Drawing:
    """Draw step time against cost; a line joins those that no other one beats in both."""
    drawn = charts.figure(
        x_title="Step time (ms), with its 90 % interval",
        y_title=f"Cost per 100 steps (USD), {paid}",
        height=HEIGHT,
    )
    best = configurations[configurations["is_on_frontier"].fillna(False).astype(bool)]
    best = best.sort_values("step_time_ms")
    drawn.add_scatter(
        x=best["step_time_ms"],
        y=best["cost_per_100_steps_usd"],
        mode="lines",
        name="Frontier",
        line={"color": charts.WARM, "dash": "dot", "width": 2},
        hoverinfo="skip",
    )
    for code, (colour, symbol) in COLOURS.items():
        rows = configurations[configurations["comparison"] == code]
        if rows.empty:
            continue
        time = rows["step_time_ms"]
        drawn.add_scatter(
            x=time,
            y=rows["cost_per_100_steps_usd"],
            mode="markers",
            name=label("comparison", code),
            marker={"color": colour, "symbol": symbol, "size": 12},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": rows["step_time_high_ms"] - time,
                "arrayminus": time - rows["step_time_low_ms"],
                "color": colour,
                "thickness": 2,
                "width": 5,
            },
            customdata=[f"{row.configuration}: {row.cluster_label}" for row in records(rows)],
            hovertemplate="%{customdata}<br>%{x:,.0f} ms, %{y:.4f} USD"
            "<extra>%{fullData.name}</extra>",
        )
    add_labels(
        drawn,
        configurations["step_time_ms"].tolist(),
        configurations["cost_per_100_steps_usd"].tolist(),
        configurations["configuration"].tolist(),
        height=HEIGHT,
        lift_px=14,  # above the interval
    )
    return drawn


def reductions(others: pd.DataFrame) -> Drawing:
    """Draw the cost reduction of each configuration with its interval, and the baseline at 0."""
    names = others["configuration"].tolist()
    drawn = charts.figure(
        x_title="Cost reduction against the baseline (%), with its 90 % interval",
        height=110 + 48 * len(names),
    )
    for code, (colour, symbol) in COLOURS.items():
        rows = others[others["comparison"] == code]
        if rows.empty:
            continue
        percent = 100 * rows["cost_reduction_ratio"]
        drawn.add_scatter(
            x=percent,
            y=rows["configuration"],
            mode="markers+text",
            name=label("comparison", code),
            marker={"color": colour, "symbol": symbol, "size": 12},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": 100 * rows["cost_reduction_high_ratio"] - percent,
                "arrayminus": percent - 100 * rows["cost_reduction_low_ratio"],
                "color": colour,
                "thickness": 2,
                "width": 5,
            },
            text=[formats.percent(ratio) for ratio in rows["cost_reduction_ratio"]],
            textposition="top center",
            hovertemplate="%{y}: %{text}<extra>%{fullData.name}</extra>",
        )
    drawn.add_vline(x=0, line={"color": charts.RUN, "width": 1, "dash": "dot"})
    drawn.update_yaxes(
        categoryorder="array",
        categoryarray=list(reversed(names)),
        ticksuffix=" ",
        range=[-0.6, len(names) - 0.4],
    )
    return drawn
