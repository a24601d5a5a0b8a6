"""How GPUs and other devices of jobs were used: by group, by job, and over time."""

import pandas as pd

from pages.kit import charts, formats
from pages.kit.drawing import Drawing
from pages.kit.labels import label
from pages.kit.rows import records

# a metric has its colour and its mark in every figure
METRICS = {
    "gpu_utilization_ratio": ("GPU", charts.WARM, "circle", "solid"),
    "gpu_memory_utilization_ratio": ("GPU memory", charts.IDLE, "diamond", "dot"),
    "cpu_utilization_ratio": ("CPU", charts.COLD, "square", "solid"),
    "memory_utilization_ratio": ("Memory", charts.RUN, "triangle-up", "dot"),
    "disk_utilization_ratio": ("Disk", charts.RUN, "x", "dash"),
}
USES = (
    ("idle_gpu_h", "Idle", charts.IDLE, charts.IDLE_PATTERN),
    ("busy_gpu_h", "Used", charts.RUN, ""),
    ("unmeasured_gpu_h", "Not measured", "rgba(140, 133, 125, 0.10)", ""),
)
LOW_COVERAGE = 0.5


def gpu_hour_bars(groups: pd.DataFrame, *, name: str) -> Drawing:
    """Draw the GPU-hours that each group held: idle, used, not measured; most hours idle on top."""
    rows = groups.iloc[::-1]
    drawn = charts.figure(x_title="GPU-hours held", height=110 + 32 * max(1, len(rows)))
    labels = [label(name, value) for value in rows["group_value"]]
    for column, title, colour, pattern in USES:
        drawn.add_bar(
            x=rows[column],
            y=labels,
            orientation="h",
            name=title,
            marker={
                "color": colour,
                "line": {"color": charts.RUN, "width": 1 if column == "unmeasured_gpu_h" else 0},
                "pattern": {"shape": pattern, "size": 5, "solidity": 0.25,
                            "fillmode": "overlay", "fgcolor": "#FFFFFF"},
            },
            hovertemplate="%{y}: %{x:,.1f} GPU-h<extra>" + title + "</extra>",
        )  # fmt: skip
    drawn.update_layout(barmode="stack")
    drawn.update_xaxes(rangemode="tozero", tickformat="~s" if _is_large(rows) else ",")
    drawn.update_yaxes(showgrid=False, ticksuffix=" ", type="category")
    return drawn


def distribution_bars(steps: pd.DataFrame) -> Drawing:
    """Draw how many measured GPU-hours lie in each step of the jobs' GPU utilization."""
    drawn = charts.figure(
        x_title="GPU utilization of the job", y_title="Measured GPU-hours", height=290
    )
    is_idle = steps["utilization_to_ratio"] == steps["utilization_to_ratio"].min()
    for title, part, colour, pattern in (
        ("Below 5 %", steps[is_idle], charts.IDLE, charts.IDLE_PATTERN),
        ("5 % and more", steps[~is_idle], charts.RUN, ""),
    ):
        drawn.add_bar(
            x=(part["utilization_from_ratio"] + part["utilization_to_ratio"]) / 2,
            y=part["measured_gpu_h"],
            width=0.05,
            name=title,
            marker={
                "color": colour,
                "pattern": {"shape": pattern, "size": 5, "solidity": 0.25,
                            "fillmode": "overlay", "fgcolor": "#FFFFFF"},
            },
            customdata=[
                f"{formats.percent(row.utilization_from_ratio)} to"
                f" {formats.percent(row.utilization_to_ratio)}:"
                f" {formats.count(row.job_count, 'job')}"
                for row in records(part)
            ],
            hovertemplate="%{customdata}, %{y:,.1f} GPU-h<extra></extra>",
        )  # fmt: skip
    drawn.update_layout(bargap=0.06, barmode="overlay")
    drawn.update_xaxes(range=[0, 1], tickformat=".0%", dtick=0.1, showgrid=False)
    drawn.update_yaxes(rangemode="tozero")
    return drawn


def utilization_lines(steps: pd.DataFrame) -> Drawing:
    """Draw each metric over time; where under half of what was held is measured, hollow."""
    shown = steps.tail(charts.MOST_POINTS // len(METRICS))
    drawn = charts.figure(y_title="Utilization", height=310)
    for column, (title, colour, symbol, dash) in METRICS.items():
        known = shown.dropna(subset=[column])
        if known.empty:
            continue
        drawn.add_scatter(
            x=known["group_value"],
            y=known[column],
            mode="lines+markers",
            name=title,
            line={"color": colour, "width": 1.5, "dash": dash},
            marker={
                "color": colour,
                "size": 7,
                "symbol": [
                    symbol if covered >= LOW_COVERAGE else f"{symbol}-open"
                    for covered in known["coverage_ratio"]
                ],
            },
            customdata=[formats.percent(covered) for covered in known["coverage_ratio"]],
            hovertemplate="%{x|%a %-d %b %Y, %H:%M}: %{y:.1%}, coverage %{customdata}<extra>"
            + title
            + "</extra>",
        )
    # a single metric is named too
    drawn.update_layout(showlegend=True)
    drawn.update_xaxes(type="date", showgrid=False)
    drawn.update_yaxes(range=[0, 1.04], tickformat=".0%", dtick=0.25)
    return drawn


def type_dots(types: pd.DataFrame) -> Drawing:
    """Draw the metrics of each instance type in a row."""
    rows = types.iloc[::-1]
    drawn = charts.figure(x_title="Utilization", height=100 + 34 * max(1, len(rows)))
    for column, (title, colour, symbol, _) in METRICS.items():
        known = rows.dropna(subset=[column])
        if known.empty:
            continue
        drawn.add_scatter(
            x=known[column],
            y=[label("instance_type", value) for value in known["group_value"]],
            mode="markers",
            name=title,
            marker={"color": colour, "symbol": symbol, "size": 11},
            hovertemplate="%{y}: %{x:.1%}<extra>" + title + "</extra>",
        )
    drawn.update_layout(showlegend=True)
    drawn.update_xaxes(range=[-0.01, 1.02], tickformat=".0%", dtick=0.25)
    drawn.update_yaxes(
        type="category", ticksuffix=" ", categoryorder="array",
        categoryarray=[label("instance_type", value) for value in rows["group_value"]],
    )  # fmt: skip
    return drawn


def _is_large(rows: pd.DataFrame) -> bool:
    return bool(rows["allocated_gpu_h"].max() >= 10_000)
