"""What training cost, day by day."""

import pandas as pd
import plotly.graph_objects as go

from pages.kit import charts

PARTS = (
    ("run_usd", "Run", charts.RUN, ""),
    ("billed_startup_usd", "Billed startup", charts.COLD, ""),
    ("retained_usd", "Idle warm pools", charts.IDLE, charts.IDLE_PATTERN),
)
MOST_DAYS = charts.MOST_POINTS // len(PARTS)


def cost_per_day_bars(costs: pd.DataFrame) -> go.Figure:
    """Draw run, billed startup and idle warm pools on top of each other, one bar a day."""
    drawn = charts.figure(y_title="List cost per day (USD)", height=320)
    shown = costs.tail(MOST_DAYS)
    for name, title, colour, pattern in PARTS:
        drawn.add_bar(
            x=shown["group_value"],
            y=shown[name],
            name=title,
            marker={
                "color": colour,
                "pattern": {
                    "shape": pattern,
                    "size": 5,
                    "solidity": 0.25,
                    "fillmode": "overlay",
                    "fgcolor": "#FFFFFF",
                },
            },
            hovertemplate="%{x|%a %-d %b %Y}: %{y:,.2f} USD<extra>" + title + "</extra>",
        )
    drawn.update_layout(barmode="stack", bargap=0.15)
    drawn.update_xaxes(type="date", showgrid=False)
    drawn.update_yaxes(rangemode="tozero", tickformat="~s" if _is_large(costs) else ",")
    return drawn


def _is_large(costs: pd.DataFrame) -> bool:
    return bool(costs["total_usd"].max() >= 10_000)
