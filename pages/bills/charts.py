"""What each day was billed, on top of what is computed for it."""

import pandas as pd

from pages.kit import charts
from pages.kit.drawing import Drawing

PARTS = (
    ("computed_run_usd", "Computed: run", charts.RUN, ""),
    ("computed_retained_usd", "Computed: idle warm pools", charts.IDLE, charts.IDLE_PATTERN),
)
BILLED = "Billed"
MOST_DAYS = charts.MOST_POINTS // 3
LARGE_USD = 10_000


def billed_against_computed(days: pd.DataFrame) -> Drawing:
    """Draw computed costs as bars, one a day, and what was billed as a line with a gap where none.

    A day without a bill has no point: it was not billed 0.
    """
    drawn = charts.figure(y_title="Per day (USD)", height=340)
    shown = days.tail(MOST_DAYS)
    for name, title, colour, pattern in PARTS:
        drawn.add_bar(
            x=shown["day"],
            y=shown[name],
            name=title,
            marker={
                "color": colour,
                "opacity": 0.75,
                "pattern": {
                    "shape": pattern,
                    "size": 5,
                    "solidity": 0.25,
                    "fillmode": "overlay",
                    "fgcolor": "#FFFFFF",
                },
            },
            hovertemplate="%{y:,.2f} USD<extra>" + title + "</extra>",
        )
    drawn.add_scatter(
        x=shown["day"],
        y=shown["billed_usd"],
        name=BILLED,
        mode="lines+markers",
        connectgaps=False,
        line={"color": charts.COLD, "width": 2},
        marker={"color": charts.COLD, "size": 6, "symbol": "diamond"},
        hovertemplate="%{y:,.2f} USD<extra>" + BILLED + "</extra>",
    )
    drawn.update_layout(barmode="stack", bargap=0.2, hovermode="x unified")
    drawn.update_xaxes(type="date", showgrid=False, hoverformat="%a %-d %b %Y")
    is_large = bool(days["billed_usd"].max() >= LARGE_USD)
    drawn.update_yaxes(rangemode="tozero", tickformat="~s" if is_large else ",")
    return drawn
