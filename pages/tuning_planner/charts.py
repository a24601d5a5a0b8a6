"""Time and cost of a tuning loop, cold and on warm pools."""

import pandas as pd

from pages.kit import charts, formats
from pages.kit.drawing import Drawing
from pages.kit.rows import first_row

BARS = (("On warm pools", charts.WARM), ("All cold", charts.COLD))


def makespans(plan: pd.DataFrame) -> Drawing:
    """Draw how long the loop takes."""
    row = first_row(plan)
    values = [row.makespan_warm_h, row.makespan_cold_h]
    return _bars(values, [f"{value:,.2f} h" for value in values], "Time of the loop (h)")


def costs(plan: pd.DataFrame) -> Drawing:
    """Draw what the loop costs."""
    row = first_row(plan)
    values = [row.list_cost_warm_usd, row.list_cost_cold_usd]
    return _bars(values, [formats.usd(value) for value in values], "List cost of the loop (USD)")


def _bars(values: list[float], texts: list[str], title: str) -> Drawing:
    drawn = charts.figure(x_title=title, height=170)
    drawn.add_bar(
        x=values,
        y=[name for name, _ in BARS],
        orientation="h",
        marker={"color": [colour for _, colour in BARS]},
        text=texts,
        textposition="auto",
        hovertemplate="%{y}: %{text}<extra></extra>",
        showlegend=False,
    )
    drawn.update_xaxes(rangemode="tozero")
    drawn.update_yaxes(ticksuffix=" ", showgrid=False)
    return drawn
