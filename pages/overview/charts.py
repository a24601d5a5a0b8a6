"""What training cost: in time, or by who and what it was for."""

import pandas as pd

from pages.kit import charts
from pages.kit.drawing import Drawing

PARTS = (
    ("run_usd", "Run", charts.RUN, ""),
    ("billed_startup_usd", "Billed startup", charts.COLD, ""),
    ("retained_usd", "Idle warm pools", charts.IDLE, charts.IDLE_PATTERN),
)
MOST_BINS = charts.MOST_POINTS // len(PARTS)
MOST_GROUPS = 15
ROW_PX = 26


def cost_bars(costs: pd.DataFrame, unit: str) -> Drawing:
    """Draw run, billed startup and idle warm pools on top of each other, one bar a bin of time.

    Days can be brushed.
    """
    drawn = charts.figure(y_title=f"List cost per {unit} (USD)", height=320)
    shown = costs.tail(MOST_BINS)
    for name, title, colour, pattern in PARTS:
        drawn.add_bar(
            x=shown["group_value"],
            y=shown[name],
            name=title,
            marker=_marker(colour, pattern),
            hovertemplate="%{x|%a %-d %b %Y}: %{y:,.2f} USD<extra>" + title + "</extra>",
            # what is brushed becomes the time range: nothing need fade
            unselected={"marker": {"opacity": 1}},
        )
    drawn.update_layout(
        barmode="stack", bargap=0.15, dragmode="select", selectdirection="h", selectionrevision=0
    )
    drawn.update_xaxes(type="date", showgrid=False)
    drawn.update_yaxes(rangemode="tozero", tickformat="~s" if _is_large(costs) else ",")
    return drawn


def group_bars(costs: pd.DataFrame, names: list[str]) -> Drawing:
    """Draw the same for the groups that cost most, one bar a group, the largest on top."""
    shown = costs.head(MOST_GROUPS).iloc[::-1]
    labels = names[:MOST_GROUPS][::-1]
    drawn = charts.figure(x_title="List cost (USD)", height=110 + ROW_PX * len(shown))
    for name, title, colour, pattern in PARTS:
        drawn.add_bar(
            x=shown[name],
            y=labels,
            orientation="h",
            name=title,
            marker=_marker(colour, pattern),
            hovertemplate="%{y}: %{x:,.2f} USD<extra>" + title + "</extra>",
        )
    drawn.update_layout(barmode="stack", bargap=0.25)
    drawn.update_xaxes(rangemode="tozero", tickformat="~s" if _is_large(costs) else ",")
    drawn.update_yaxes(type="category", showgrid=False)
    return drawn


def _marker(colour: str, pattern: str) -> dict[str, object]:
    return {
        "color": colour,
        "pattern": {
            "shape": pattern,
            "size": 5,
            "solidity": 0.25,
            "fillmode": "overlay",
            "fgcolor": "#FFFFFF",
        },
    }


def _is_large(costs: pd.DataFrame) -> bool:
    return bool(costs["total_usd"].max() >= 10_000)
