"""How long jobs take to start, what the time goes into, and what a shorter start costs."""

from typing import Any

import pandas as pd

from pages.kit import charts, formats
from pages.kit.drawing import Drawing
from pages.kit.labels import label
from pages.kit.rows import records

STYLES = {
    "cold": (charts.COLD, "diamond", "top"),
    "warm": (charts.WARM, "circle", "bottom"),
}
# hollow is not billed, solid is billed
PHASE_FILLS = {"provisioning": "rgba(79, 124, 172, 0.12)", "download": "#44709E"}


def latency_dots(latency: pd.DataFrame) -> Drawing:
    """Draw P90 with its 90 % interval, one row an input mode; withheld ones are left out."""
    known = latency.dropna(subset=["startup_latency_p90_s"])
    modes = [mode for mode in known["input_mode"].unique()]
    drawn = charts.figure(
        x_title="P90 startup latency (seconds), with its 90 % interval",
        height=100 + 54 * max(1, len(modes)),
    )
    highest = known[["startup_latency_p90_s", "startup_latency_p90_high_s"]].max().max()
    for kind, (colour, symbol, side) in STYLES.items():
        rows = known[known["start_kind"] == kind]
        p90 = rows["startup_latency_p90_s"]
        drawn.add_scatter(
            x=p90,
            y=[label("input_mode", mode) for mode in rows["input_mode"]],
            mode="markers+text",
            name=label("start_kind", kind),
            marker={"color": colour, "symbol": symbol, "size": 12},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": (rows["startup_latency_p90_high_s"] - p90).fillna(0.0),
                "arrayminus": p90 - rows["startup_latency_p90_low_s"],
                "color": colour,
                "thickness": 2,
                "width": 5,
            },
            text=[
                f"{formats.duration(row.startup_latency_p90_s)}"
                f" ({formats.count(row.job_count, 'job')})"
                for row in records(rows)
            ],
            # towards the middle, where there is room
            textposition=[f"{side} {'left' if value > highest / 2 else 'right'}" for value in p90],
            customdata=[
                _interval(row.startup_latency_p90_low_s, row.startup_latency_p90_high_s)
                for row in records(rows)
            ],
            hovertemplate="%{y}: %{text}<br>%{customdata}<extra>%{fullData.name}</extra>",
        )
    drawn.update_xaxes(range=[0, float(highest) * 1.1 if len(known) else 1])
    drawn.update_yaxes(
        categoryorder="array",
        categoryarray=[label("input_mode", mode) for mode in reversed(modes)],
        ticksuffix=" ",
        range=[-0.6, max(1, len(modes)) - 0.4],
    )
    return drawn


def _interval(low_s: float, high_s: float) -> str:
    if pd.isna(high_s):
        return f"at least {formats.duration(low_s)}: too few jobs for an upper end"
    return f"interval {formats.duration(low_s)} to {formats.duration(high_s)}"


def phase_bars(phases: pd.DataFrame, *, ink: str) -> Drawing:
    """Draw the median of each phase on top of each other, one row an input mode and start kind."""
    known = phases.dropna(subset=["p50_s"])
    rows = list(dict.fromkeys(zip(known["input_mode"], known["start_kind"], strict=True)))
    drawn = charts.figure(x_title="Median duration (seconds)", height=90 + 30 * max(1, len(rows)))
    inks = {"provisioning": ink, "download": "#FFFFFF"}
    for phase, fill in PHASE_FILLS.items():
        part = known[known["phase"] == phase]
        drawn.add_bar(
            x=part["p50_s"],
            y=[_row_name(mode, kind) for mode, kind in zip(part["input_mode"], part["start_kind"],
                                                           strict=True)],
            orientation="h",
            name=label("phase", phase),
            marker={"color": fill, "line": {"color": charts.COLD, "width": 1.2}},
            text=[formats.duration(value) for value in part["p50_s"]],
            textposition="inside",
            insidetextfont={"color": inks[phase]},
            insidetextanchor="middle",
            textangle=0,
            hovertemplate="%{y}: %{text}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    drawn.update_layout(barmode="stack", uniformtext={"minsize": 10, "mode": "hide"})
    drawn.update_xaxes(rangemode="tozero")
    drawn.update_yaxes(
        categoryorder="array",
        categoryarray=[_row_name(mode, kind) for mode, kind in reversed(rows)],
        ticksuffix=" ",
        showgrid=False,
    )
    return drawn


def _row_name(mode: str, kind: str) -> str:
    return f"{label('input_mode', mode)}, {kind}"


def frontier_points(points: pd.DataFrame, target_s: float, *, ink: str) -> Drawing:
    """Draw change of cost over P90: down and left is better; the frontier is a line."""
    drawn = charts.figure(
        x_title="P90 startup latency (seconds)",
        y_title="Change of cost (USD per month)",
        height=380,
        right=12,
    )
    frontier = points[points["is_on_frontier"]]
    other = points[~points["is_on_frontier"] & ~points["is_today"]]
    for rows, name, mode, marker in (
        (other, "Other combinations", "markers",
         {"color": "rgba(0, 0, 0, 0)", "size": 8, "line": {"color": charts.RUN, "width": 1.5}}),
        (frontier, "Frontier: none is both quicker and cheaper", "lines+markers",
         {"color": charts.COLD, "size": 8}),
    ):  # fmt: skip
        drawn.add_scatter(
            x=rows["startup_latency_p90_s"],
            y=rows["cost_change_usd_per_month"],
            mode=mode,
            name=name,
            marker=marker,
            line={"color": charts.COLD, "width": 1.5},
            text=[
                f"{row.levers}<br>keep-alive: {row.keep_alive_policy}<br>{_at(row)}"
                for row in records(rows)
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    # right of a frontier that falls there is room, but for the edge
    shortest_s, longest_s = (
        points["startup_latency_p90_s"].min(),
        points["startup_latency_p90_s"].max(),
    )
    for name, rows, symbol in (
        ("today", points[points["is_today"]], "diamond"),
        ("cheapest", points[points["is_cheapest"]], "star"),
    ):
        for row in records(rows):
            is_left = row.startup_latency_p90_s <= shortest_s + (longest_s - shortest_s) * 0.8
            drawn.add_scatter(
                x=[row.startup_latency_p90_s],
                y=[row.cost_change_usd_per_month],
                mode="markers+text",
                marker={"color": charts.WARM, "size": 14, "symbol": symbol},
                text=[f"{name}: {formats.duration(row.startup_latency_p90_s)}"],
                textposition="top right" if is_left else "top left",
                textfont={"color": ink},
                showlegend=False,
                cliponaxis=False,
                hovertemplate=f"{row.levers}<br>{_at(row)}<extra></extra>",
            )
    drawn.add_vline(x=target_s, line={"color": charts.RUN, "width": 1.5, "dash": "dash"})
    low, high = (
        points["cost_change_usd_per_month"].min(),
        points["cost_change_usd_per_month"].max(),
    )
    room = (high - low) * 0.12 or 1
    reach = (low - room, high + room)
    drawn.update_yaxes(range=list(reach), tickformat="+,", **charts.signed_ticks(*reach, sign="+"))
    drawn.update_xaxes(tickformat=",")
    return drawn


def _at(row: Any) -> str:
    """Return where a point of the frontier lies, in words."""
    return (
        f"P90 {row.startup_latency_p90_s:,.0f} s,"
        f" {row.cost_change_usd_per_month:+,.0f} USD per month"
    )
