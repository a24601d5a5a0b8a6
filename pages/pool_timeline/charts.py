"""Figures of a pool's clusters, one by one or summed over time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from analytics.query import Filters
from pages.kit import charts
from pages.kit.drawing import Drawing
from pages.kit.rows import records
from pages.pool_timeline.segments import (
    KINDS,
    Kind,
    Mark,
    bin_texts,
    extent_of,
    hover_text,
    in_view,
    lane_count,
    marked_moments,
)

ROWS_PX, LEAST_LANE_PX, MOST_LANE_PX = 420, 11, 44
PANEL_GAP_PX, AROUND_PX = 44, 110
FEW_MARKS = 20
PALE = 0.35
CLUSTERS = "%{y:,.2f} clusters on average"
OPAQUE_PATTERN = {"size": 6, "solidity": 0.3, "fillmode": "overlay", "fgcolor": "#FFFFFF"}


def timeline_gantt(
    panels: Mapping[str, pd.DataFrame], *, within: Filters, job: str | None, ink: str
) -> Drawing:
    """Draw each cluster's life in its lane, one panel above the other on one axis of time.

    `panels` are segments by title; no time outside of `within` is shown; the segments of `job` are
    outlined. A click on a bar gives its job's name as the point's first custom value.
    """
    extent = extent_of(panels, within)
    lanes = [max(1, lane_count(segments)) for segments in panels.values()]
    lane_px = min(MOST_LANE_PX, max(LEAST_LANE_PX, ROWS_PX / sum(lanes)))
    rows_px = [lanes_here * lane_px + 8 for lanes_here in lanes]
    height = sum(rows_px) + PANEL_GAP_PX * len(lanes) + AROUND_PX
    drawn = charts.panels(
        rows_px,
        height=round(height),
        spacing=PANEL_GAP_PX / (height - AROUND_PX) if len(lanes) > 1 else 0,
    )
    named: set[str] = set()
    for row, (title, segments) in enumerate(panels.items(), start=1):
        shown = in_view(segments, extent)
        for (segment, start_kind), kind in KINDS.items():
            rows = shown[shown["segment"] == segment]
            if segment == "idle":  # one of unknown length has a mark instead
                rows = rows[~rows["is_open"]]
            if start_kind:
                rows = rows[rows["start_kind"] == start_kind]
            # what a start is, its mark says
            is_named = segment == "startup" or kind.label in named or rows.empty
            drawn.add_bar(
                **_bars(rows, kind, lane_px, job, ink=ink, showlegend=not is_named), row=row
            )
            if not is_named:
                named.add(kind.label)
        for mark, rows, at, edge in marked_moments(shown, extent):
            if len(rows):
                points = _points(rows, at, edge, mark, lane_px, showlegend=mark.label not in named)
                drawn.add_scatter(**points, row=row)
                named.add(mark.label)
        if len(panels) > 1:
            _name_panel(drawn, title, row)
        count = lanes[row - 1]
        drawn.update_yaxes(
            range=[count + 0.6, 0.4], tickmode="array", tickvals=_ticks(count),
            title="Clusters" if count > 1 else None, row=row,
        )  # fmt: skip
    drawn.update_layout(
        barmode="overlay", bargap=0.2, dragmode="zoom", legend={"y": _above(drawn, len(panels))}
    )
    drawn.update_xaxes(
        type="date", range=[_plain(instant) for instant in extent], fixedrange=False,
        automargin=True, zeroline=False,
    )  # fmt: skip
    drawn.update_xaxes(title="Time (UTC)", row=len(lanes))
    drawn.update_yaxes(fixedrange=True, automargin=True, zeroline=False, showgrid=False)
    return drawn


def timeline_bins(panels: Mapping[str, pd.DataFrame]) -> Drawing:
    """Draw how many clusters ran and idled over time; below, how jobs started and what expired."""
    rows = 2 * len(panels)
    heights = [170, 100] * len(panels)
    height = sum(heights) + PANEL_GAP_PX * rows + AROUND_PX
    drawn = charts.panels(heights, height=height, spacing=PANEL_GAP_PX / (height - AROUND_PX))
    every = pd.concat(list(panels.values()))
    most_clusters = (
        (every["run_s"] + every["startup_s"] + every["idle_s"]) / every["step_s"]
    ).max()
    most_up, most_down = every["job_count"].max(), every["expiry_count"].max()
    for number, (title, bins) in enumerate(panels.items()):
        row, is_first = 1 + 2 * number, number == 0
        step_s = bins["step_s"]
        middle = (bins["bin_at"] + pd.to_timedelta(step_s / 2, unit="s")).dt.tz_localize(None)
        spans = bin_texts(bins)
        for name, colour, pattern, axis_row, values, hover in (
            ("Running", charts.RUN, "", row, bins["run_s"] / step_s, CLUSTERS),
            ("Starting", charts.COLD, ".", row, bins["startup_s"] / step_s, CLUSTERS),
            ("Idle", charts.IDLE, charts.IDLE_PATTERN, row, bins["idle_s"] / step_s, CLUSTERS),
            ("Warm starts", charts.WARM, "", row + 1, bins["hit_count"], "%{customdata[1]:,} jobs"),
            (
                "Cold starts",
                charts.COLD,
                "\\",
                row + 1,
                bins["cold_start_count"],
                "%{customdata[1]:,} jobs",
            ),
            (
                "Expired",
                charts.IDLE,
                "x",
                row + 1,
                -bins["expiry_count"],
                "%{customdata[1]:,} idle clusters expired or ended early",
            ),
        ):
            drawn.add_bar(
                x=middle, y=values, width=step_s * 1000, row=axis_row, name=name,
                legendgroup=name, showlegend=is_first,
                marker=_marker(Kind(name, colour, pattern)),
                customdata=list(zip(spans, values.abs(), strict=True)),
                hovertemplate=f"%{{customdata[0]}}<br>{hover}<extra>{name}</extra>",
            )  # fmt: skip
        if len(panels) > 1:
            _name_panel(drawn, title, row)
        # equal scales: the panels are there to be compared
        drawn.update_yaxes(title="Clusters", range=[0, most_clusters * 1.04], row=row)
        drawn.update_yaxes(
            title="Jobs", range=[-most_down * 1.04, most_up * 1.04],
            **_counts_up_and_down(most_down, most_up), row=row + 1,
        )  # fmt: skip
    drawn.update_layout(barmode="relative", bargap=0, legend={"y": _above(drawn, len(panels))})
    ends = every["bin_at"] + pd.to_timedelta(every["step_s"], unit="s")
    drawn.update_xaxes(
        type="date", range=[_plain(every["bin_at"].min()), _plain(ends.max())], fixedrange=True,
        showgrid=False, automargin=True,
    )  # fmt: skip
    drawn.update_xaxes(title="Time (UTC)", row=rows)
    drawn.update_yaxes(fixedrange=True, automargin=True, zeroline=True, zerolinewidth=1,
                       zerolinecolor=charts.RUN)  # fmt: skip
    return drawn


def _counts_up_and_down(most_down: int, most_up: int) -> dict[str, list[float] | list[str]]:
    """Return ticks for counts that go up and down from 0; a count is never negative."""
    half = max(most_down, most_up, 1) / 2
    size = 10 ** (len(str(max(1, int(half)))) - 1)
    step = next(factor * size for factor in (5, 2, 1) if factor * size <= max(half, 1))
    ticks = [tick * step for tick in range(-int(most_down // step), int(most_up // step) + 1)]
    return {"tickvals": [float(tick) for tick in ticks], "ticktext": [f"{abs(t):,}" for t in ticks]}


def _bars(
    rows: pd.DataFrame, kind: Kind, lane_px: float, job: str | None, *, ink: str, showlegend: bool
) -> dict[str, Any]:
    length = (rows["drawn_until"] - rows["start_at"]).dt.total_seconds() * 1000
    is_job = rows["job_name"] == job
    return dict(
        base=rows["start_at"].dt.tz_localize(None), x=length, y=rows["lane"], orientation="h",
        width=0.5 if lane_px > 20 else 0.7,
        name=kind.label, legendgroup=kind.label, showlegend=showlegend,
        marker={
            **_marker(kind),
            "opacity": [1.0 if counted else PALE for counted in rows["is_counted"]],
            "line": {"color": ink, "width": [2.5 if one else 0 for one in is_job]},
        },
        customdata=rows[["job_name"]].to_numpy(),
        hovertext=[hover_text(row, kind.label) for row in records(rows)],
        hovertemplate="%{hovertext}<extra></extra>",
        selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}},
    )  # fmt: skip


def _points(
    rows: pd.DataFrame,
    at: pd.Series,
    edge: float,
    mark: Mark,
    lane_px: float,
    *,
    showlegend: bool,
) -> dict[str, Any]:
    return dict(
        x=at.dt.tz_localize(None), y=rows["lane"] + edge, mode="markers", name=mark.label,
        legendgroup=mark.label, showlegend=showlegend,
        marker=_symbol(mark, min(mark.size if len(rows) <= FEW_MARKS else 7, lane_px * 0.7))
        | {"opacity": [1.0 if counted else PALE for counted in rows["is_counted"]]},
        customdata=rows[["job_name"]].to_numpy(),
        hovertext=[hover_text(row, mark.label) for row in records(rows)],
        hovertemplate="%{hovertext}<extra></extra>", cliponaxis=False,
        selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}},
    )  # fmt: skip


def _marker(kind: Kind) -> dict[str, object]:
    return {"color": kind.colour, "pattern": {"shape": kind.pattern, **OPAQUE_PATTERN}}


def _symbol(mark: Mark, size: float) -> dict[str, object]:
    line = {} if mark.symbol.endswith("open") else {"line": {"color": "#FFFFFF", "width": 1}}
    return {"color": mark.colour, "symbol": mark.symbol, "size": size} | line


def _above(drawn: Drawing, panel_count: int) -> float:
    """Return how high the legend stands: above the first panel's name, if it has one."""
    return 1 + (26 if panel_count > 1 else 8) / (float(drawn.layout["height"]) - AROUND_PX)


def _name_panel(drawn: Drawing, title: str, row: int) -> None:
    drawn.add_annotation(
        x=0, xref="x domain", xanchor="left", y=1, yref="y domain", yanchor="bottom", yshift=4,
        text=f"<b>{title}</b>", showarrow=False, row=row,
    )  # fmt: skip


def _ticks(lanes: int) -> list[int]:
    step = 1 if lanes <= 6 else 5 if lanes <= 30 else 10
    return [1, *range(step, lanes + 1, step)] if step > 1 else list(range(1, lanes + 1))


def _plain(instant: datetime) -> datetime:
    """Return an instant in UTC without its zone: Plotly would take it for local time."""
    return instant.replace(tzinfo=None)
