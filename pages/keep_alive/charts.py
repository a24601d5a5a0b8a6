"""What every keep-alive period costs, saves and needs: as curves, and as a frontier."""

from dataclasses import dataclass
from math import ceil

import pandas as pd

from data.tables.columns import COLUMNS
from pages.kit import charts, formats
from pages.kit.drawing import Drawing
from pages.kit.rows import records


@dataclass(frozen=True, slots=True)
class Mark:
    """How a marked period is drawn; labels of equal periods stand below each other."""

    label: str
    dash: str
    symbol: str
    label_height: float = 1.0


MARKS = {
    "advised": Mark("Advised", "solid", "diamond"),
    "best": Mark("Best in hindsight", "solid", "diamond"),
    "current": Mark("Current", "dash", "circle", 0.89),
}
MOST_TICKS = 4
NEWEST, OLDEST = "Newest first (assumed)", "Oldest first"


def keep_alive_curves(
    newest: pd.DataFrame,
    oldest: pd.DataFrame,
    peaks: pd.DataFrame,
    periods_s: dict[str, int],
    *,
    quota: int | None = None,
) -> Drawing:
    """Draw net cost, wait time saved and peak idle instances over the keep-alive period.

    The line is newest-first reuse, the band reaches to oldest-first. `periods_s` are marked.
    """
    drawn = charts.panels([0.42, 0.33, 0.25], height=600, spacing=0.06)
    panels = (
        (1, "net_cost_usd", 1, charts.IDLE, ",.2f", " USD"),
        (2, "wait_saved_s", 1 / 3600, charts.WARM, ",.1f", " h"),
    )
    for row, name, scale, colour, digits, unit in panels:
        title = COLUMNS[name].heading
        drawn.add_scatter(
            x=oldest["keep_alive_period_s"] / 60, y=oldest[name] * scale, row=row,
            mode="lines", line={"color": colour, "width": 1, "dash": "dot"},
            name=OLDEST, legendgroup="oldest", showlegend=row == 1,
            hovertemplate=f"%{{x:,.1f}} min: %{{y:{digits}}}{unit}<extra>{OLDEST}</extra>",
        )  # fmt: skip
        drawn.add_scatter(
            x=newest["keep_alive_period_s"] / 60, y=newest[name] * scale, row=row,
            mode="lines", line={"color": colour, "width": 2.5}, fill="tonexty",
            fillcolor=_faint(colour), name=NEWEST, legendgroup="newest", showlegend=row == 1,
            hovertemplate=f"%{{x:,.1f}} min: %{{y:{digits}}}{unit}<extra>Newest first</extra>",
        )  # fmt: skip
        both = pd.concat([newest[name], oldest[name]]) * scale
        drawn.update_yaxes(
            title=title, row=row, rangemode="tozero", tickformat=",",
            **charts.signed_ticks(both.min(), max(both.max(), 0.0)),
        )  # fmt: skip
    drawn.add_scatter(
        x=peaks["keep_alive_period_s"] / 60, y=peaks["peak_idle_instances"], row=3,
        mode="lines", line={"color": charts.COLD, "width": 2.5, "shape": "vh"},
        showlegend=False, name="Peak idle",
        hovertemplate="%{x:,.1f} min: %{y:,.0f} instances<extra></extra>",
    )  # fmt: skip
    most = max(peaks["peak_idle_instances"].max(), quota or 0)
    drawn.update_yaxes(
        title="Peak idle", row=3, rangemode="tozero", tickformat=",d",
        dtick=max(1, ceil(0 if pd.isna(most) else most / MOST_TICKS)),
    )  # fmt: skip
    if quota is not None:
        drawn.add_hline(
            y=quota, line={"color": charts.WARM, "width": 1.5, "dash": "dash"},
            row=3,
        )  # fmt: skip
        drawn.add_annotation(
            x=1, xref="x3 domain", y=quota, yanchor="bottom", xanchor="right", row=3,
            text=f"Quota: {quota:,}", showarrow=False,
        )  # fmt: skip
    middle_s = newest["keep_alive_period_s"].max() / 2
    for name, period_s in periods_s.items():
        mark, is_left = MARKS[name], period_s <= middle_s
        drawn.add_vline(
            x=period_s / 60, line={"color": charts.RUN, "width": 1.5, "dash": mark.dash},
        )  # fmt: skip
        drawn.add_annotation(
            x=period_s / 60, y=mark.label_height, yref="y domain", yanchor="top",
            xanchor="left" if is_left else "right",
            text=f" {mark.label}: {formats.duration(period_s) if period_s else 'none'} ",
            showarrow=False, row=1,
        )  # fmt: skip
    drawn.update_xaxes(title="Keep-alive period (minutes)", row=3)
    drawn.update_xaxes(fixedrange=True, zeroline=False, rangemode="tozero", automargin=True)
    drawn.update_yaxes(fixedrange=True, automargin=True)
    return drawn


def keep_alive_frontier(
    newest: pd.DataFrame,
    oldest: pd.DataFrame,
    marked: pd.DataFrame,
    value_usd_per_h: float,
    *,
    ink: str,
) -> Drawing:
    """Draw net cost over wait time saved: each point is a period, down and right is better.

    `marked` has the rows of the curve to mark, with a column `mark`. The slope of the dashed line
    through the best is the cost of delay.
    """
    drawn = charts.figure(
        x_title=COLUMNS["wait_saved_s"].heading,
        y_title=COLUMNS["net_cost_usd"].heading,
        height=440,
        right=12,
    )
    for rows, name, line in (
        (oldest, OLDEST, {"color": charts.IDLE, "width": 1, "dash": "dot"}),
        (newest, NEWEST, {"color": charts.IDLE, "width": 2.5}),
    ):
        drawn.add_scatter(
            x=rows["wait_saved_s"] / 3600, y=rows["net_cost_usd"], mode="lines", line=line,
            name=name, customdata=rows["keep_alive_period_s"],
            hovertemplate="%{customdata:,d} s: %{x:,.1f} h for %{y:,.2f} USD<extra></extra>",
        )  # fmt: skip
    best = marked[marked["mark"].isin(("advised", "best"))].head(1)
    if value_usd_per_h and len(best):
        low_h, high_h = newest["wait_saved_s"].min() / 3600, newest["wait_saved_s"].max() / 3600
        at_h, at_usd = best["wait_saved_s"].iloc[0] / 3600, best["net_cost_usd"].iloc[0]
        drawn.add_scatter(
            x=[low_h, high_h],
            y=[at_usd + value_usd_per_h * (hours - at_h) for hours in (low_h, high_h)],
            mode="lines", line={"color": charts.COLD, "width": 1.5, "dash": "dash"},
            name=f"Cost of delay: {formats.usd(value_usd_per_h)} per hour", hoverinfo="skip",
        )  # fmt: skip
        floor, top = newest["net_cost_usd"].min(), newest["net_cost_usd"].max()
        room = (top - floor) * 0.08 or 1
        reach = (min(floor, 0) - room, top + room)
        # with nothing below 0 there is no tick below it either
        ticks = charts.signed_ticks(*reach) if floor < 0 else {}
        drawn.update_yaxes(range=list(reach), **ticks)
    for row in records(marked):
        mark = MARKS[row.mark]
        drawn.add_scatter(
            x=[row.wait_saved_s / 3600], y=[row.net_cost_usd], mode="markers+text",
            marker={"color": charts.WARM, "size": 12, "symbol": mark.symbol},
            text=[f"{mark.label}: {formats.duration(row.keep_alive_period_s)}"],
            textposition="top left", textfont={"color": ink}, showlegend=False,
            hovertemplate=f"{mark.label}: %{{x:,.1f}} h for %{{y:,.2f}} USD<extra></extra>",
            cliponaxis=False,
        )  # fmt: skip
    drawn.update_xaxes(rangemode="tozero", tickformat=",")
    drawn.update_yaxes(tickformat=",")
    return drawn


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.15)"
