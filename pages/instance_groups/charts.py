"""Candidates by cost and time, measured against predicted, and how busy jobs were."""

import pandas as pd

from data.tables.columns import COLUMNS
from pages.kit import charts
from pages.kit.drawing import Drawing
from pages.kit.labels import label
from pages.kit.point_labels import add_labels
from pages.kit.rows import records

HEIGHT = 380
KINDS = {
    "heterogeneous": ("Added CPU hosts", charts.COLD, "circle"),
    "scale_up": ("Larger hosts", charts.IDLE, "diamond"),
    "unchanged": ("In use", charts.WARM, "square"),
}
DIAGNOSES = {
    "cpu_bound": (charts.WARM, "circle"),
    "accelerator_bound": (charts.COLD, "diamond"),
    "balanced": (charts.RUN, "square"),
    "input_bound": (charts.IDLE, "triangle-up"),
    "unclear": (charts.RUN, "circle-open"),
}


def candidates_chart(rows: pd.DataFrame) -> Drawing:
    """Draw the candidates that cost no more than the cluster in use, the frontier, and it."""
    ranked = rows.dropna(subset=["rank"])
    on_frontier = ranked["is_on_frontier"].fillna(False).astype(bool)
    shown = ranked[
        (ranked["net_cost_reduction_ratio"] >= 0) | on_frontier | (ranked["kind"] == "unchanged")
    ]
    drawn = charts.figure(
        x_title="Predicted step time (ms)",
        y_title=COLUMNS["net_cost_per_100_steps_usd"].heading,
        height=HEIGHT,
    )
    best = ranked[on_frontier].sort_values("predicted_step_time_ms")
    drawn.add_scatter(
        x=best["predicted_step_time_ms"],
        y=best["net_cost_per_100_steps_usd"],
        mode="lines",
        name="Frontier",
        line={"color": charts.RUN, "dash": "dot", "width": 2},
        hoverinfo="skip",
    )
    for kind, (name, colour, symbol) in KINDS.items():
        part = shown[shown["kind"] == kind]
        if part.empty:
            continue
        drawn.add_scatter(
            x=part["predicted_step_time_ms"],
            y=part["net_cost_per_100_steps_usd"],
            mode="markers",
            name=name,
            marker={
                "color": colour,
                "symbol": symbol,
                "size": 6 if kind == "heterogeneous" else 11,
                "opacity": 0.6 if kind == "heterogeneous" else 1,
            },
            customdata=part["candidate"],
            hovertemplate="%{customdata}<br>%{x:,.0f} ms, %{y:.4f} USD"
            "<extra>%{fullData.name}</extra>",
        )
    named = shown[(shown["rank"] == 1) | (shown["kind"] == "unchanged")]
    add_labels(
        drawn,
        named["predicted_step_time_ms"].tolist(),
        named["net_cost_per_100_steps_usd"].tolist(),
        ["cheapest" if kind != "unchanged" else "in use" for kind in named["kind"]],
        height=HEIGHT,
        around=(shown["predicted_step_time_ms"], shown["net_cost_per_100_steps_usd"]),
    )
    return drawn


def fitted_chart(measured: pd.DataFrame) -> Drawing:
    """Draw measured and predicted step time, one row a measured configuration."""
    names = measured["candidate"].tolist()
    drawn = charts.figure(
        x_title="Measured and predicted step time (ms)", height=110 + 48 * len(names)
    )
    predicted = measured["predicted_step_time_ms"]
    drawn.add_scatter(
        x=predicted,
        y=names,
        mode="markers",
        name="Predicted, with its range",
        marker={"color": charts.COLD, "symbol": "diamond", "size": 11},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": measured["predicted_high_ms"] - predicted,
            "arrayminus": predicted - measured["predicted_low_ms"],
            "color": charts.COLD,
            "thickness": 2,
            "width": 5,
        },
        hovertemplate="%{y}: %{x:,.0f} ms<extra>%{fullData.name}</extra>",
    )
    drawn.add_scatter(
        x=measured["measured_step_time_ms"],
        y=names,
        mode="markers",
        name="Measured",
        marker={"color": charts.WARM, "symbol": "circle-open", "size": 14, "line": {"width": 2}},
        hovertemplate="%{y}: %{x:,.0f} ms<extra>%{fullData.name}</extra>",
    )
    drawn.update_xaxes(rangemode="tozero")
    drawn.update_yaxes(
        categoryorder="array",
        categoryarray=list(reversed(names)),
        ticksuffix=" ",
        range=[-0.6, len(names) - 0.4],
    )
    return drawn


def utilization_chart(jobs: pd.DataFrame) -> Drawing:
    """Draw each job by the utilization of its CPUs and accelerators."""
    drawn = charts.figure(
        x_title="CPU utilization (%)", y_title="Accelerator utilization (%)", height=HEIGHT
    )
    for code, (colour, symbol) in DIAGNOSES.items():
        part = jobs[jobs["diagnosis"] == code].head(charts.MOST_POINTS)
        if part.empty:
            continue
        drawn.add_scatter(
            x=100 * part["cpu_utilization_ratio"],
            y=100 * part["accelerator_utilization_ratio"],
            mode="markers",
            name=label("diagnosis", code),
            marker={"color": colour, "symbol": symbol, "size": 8, "opacity": 0.8},
            customdata=[f"{row.job_name}, {row.instance_type}" for row in records(part)],
            hovertemplate="%{customdata}<br>CPU %{x:.0f} %, accelerators %{y:.0f} %"
            "<extra>%{fullData.name}</extra>",
        )
    drawn.update_xaxes(range=[-3, 103])
    drawn.update_yaxes(range=[-3, 103])
    return drawn
