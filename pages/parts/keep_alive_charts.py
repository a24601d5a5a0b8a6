"""What every keep-alive period costs and saves."""

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from pages.parts import charts, formats

# words, dash and height of the label: labels of equal periods stand below each other
MARKS = {
    "best": ("Best", "solid", 1.0),
    "today": ("Today", "dash", 0.89),
    "compared": ("Compared", "dot", 0.78),
}


def keep_alive_curves(
    newest: pd.DataFrame,
    oldest: pd.DataFrame,
    periods_s: dict[str, int],
) -> go.Figure:
    """Draw net cost above and waiting saved below, over the keep-alive period.

    The line is newest-first reuse, the band reaches to oldest-first. `periods_s` are marked: best,
    today and compared.
    """
    drawn = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.09)
    base = charts.figure(height=520)
    drawn.update_layout(base.layout)
    panels = (
        (1, "net_cost_usd", 1, charts.IDLE, "Net cost (USD)", ",.2f", " USD"),
        (2, "wait_saved_s", 1 / 3600, charts.WARM, "Waiting saved (hours)", ",.1f", " h"),
    )
    for row, name, scale, colour, title, digits, unit in panels:
        minutes, values = newest["keep_alive_period_s"] / 60, newest[name] * scale
        drawn.add_scatter(
            x=oldest["keep_alive_period_s"] / 60, y=oldest[name] * scale, row=row, col=1,
            mode="lines", line={"color": colour, "width": 1, "dash": "dot"},
            name="Oldest first", legendgroup="oldest", showlegend=row == 1,
            hovertemplate=f"%{{x:,.1f}} min: %{{y:{digits}}}{unit}<extra>Oldest first</extra>",
        )  # fmt: skip
        drawn.add_scatter(
            x=minutes, y=values, row=row, col=1, mode="lines",
            line={"color": colour, "width": 2.5}, fill="tonexty", fillcolor=_faint(colour),
            name="Newest first (assumed)", legendgroup="newest", showlegend=row == 1,
            hovertemplate=f"%{{x:,.1f}} min: %{{y:{digits}}}{unit}<extra>Newest first</extra>",
        )  # fmt: skip
        drawn.update_yaxes(title=title, row=row, col=1, rangemode="tozero", tickformat=",")
    for name, period_s in periods_s.items():
        words, dash, level = MARKS[name]
        drawn.add_vline(
            x=period_s / 60,
            line={"color": charts.RUN, "width": 1.5, "dash": dash},
            row="all",  # type: ignore[arg-type]
            col=1,  # type: ignore[arg-type]
        )
        drawn.add_annotation(
            x=period_s / 60, y=level, yref="y domain", yanchor="top", xanchor="left",
            text=f" {words}: {formats.duration(period_s) if period_s else 'none'}",
            showarrow=False, row=1, col=1,
        )  # fmt: skip
    drawn.update_xaxes(title="Keep-alive period (minutes)", row=2, col=1)
    drawn.update_xaxes(fixedrange=True, zeroline=False, rangemode="tozero", automargin=True)
    drawn.update_yaxes(fixedrange=True, automargin=True)
    return drawn


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.15)"
