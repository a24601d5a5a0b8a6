"""Figures of one job: its phases, and a metric of its hosts over time."""

from datetime import datetime

import pandas as pd

from pages.kit import charts, formats
from pages.kit.drawing import Drawing
from pages.kit.rows import first_row, records

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
MOST_NAMED_HOSTS = 8
HOST_COLOURS = (charts.WARM, charts.COLD, charts.IDLE, charts.RUN)
PHASE_PX = 34


def phase_steps(phases: pd.DataFrame) -> Drawing:
    """Draw a job's phases one below the other; filled is billed, hollow is not."""
    known = phases.dropna(subset=["end_at"])
    drawn = charts.figure(x_title="Time (UTC)", height=92 + 30 * len(known))
    for billed, name in ((False, "Not billed"), (True, "Billed")):
        rows = known[known["billed"] == billed]
        drawn.add_bar(
            base=rows["start_at"].dt.tz_localize(None), x=rows["duration_s"] * 1000,
            y=rows["phase"], orientation="h", name=name,
            text=[formats.duration(seconds) for seconds in rows["duration_s"]],
            textposition="outside", cliponaxis=False,
            marker={
                "color": "#44709E" if billed else "rgba(79, 124, 172, 0.12)",
                "line": {"color": "#44709E", "width": 1.5},
            },
            hovertemplate=f"%{{y}}: %{{text}}<extra>{name}</extra>",
        )  # fmt: skip
    first, last = known["start_at"].min(), known["end_at"].max()
    # room for the label of the last bar
    drawn.update_xaxes(
        type="date", range=[_plain(first), _plain(last + (last - first) * 0.12)], showgrid=False
    )
    drawn.update_yaxes(
        categoryorder="array", categoryarray=list(reversed(phases["phase"])), showgrid=False,
        ticksuffix=" ",
    )  # fmt: skip
    drawn.update_layout(barmode="overlay")
    return drawn


def host_lines(series: pd.DataFrame, phases: pd.DataFrame, *, title: str, ink: str) -> Drawing:
    """Draw one metric of every host of a job over time, above the phases of the job."""
    drawn = charts.panels([270, PHASE_PX], height=410, spacing=0.05)
    hosts = list(dict.fromkeys(series["host_name"]))
    is_named = len(hosts) <= MOST_NAMED_HOSTS
    for number, host in enumerate(hosts):
        rows = _with_gaps(series[series["host_name"] == host])
        drawn.add_scatter(
            x=rows["bin_at"].dt.tz_localize(None),
            y=rows["utilization_ratio"],
            mode="lines+markers" if len(rows) == 1 else "lines",
            name=_host(rows),
            showlegend=is_named,
            opacity=1 if is_named else 0.5,
            line={
                "color": HOST_COLOURS[number % len(HOST_COLOURS)],
                "width": 1.6,
                "dash": DASHES[number // len(HOST_COLOURS) % len(DASHES)],
            },
            hovertemplate="%{x|%-d %b %H:%M}: %{y:.1%}<extra>" + _host(rows) + "</extra>",
            row=1,
        )
    _draw_phases(drawn, phases, ink)
    drawn.update_xaxes(type="date", showgrid=False, automargin=True, fixedrange=True)
    drawn.update_xaxes(title="Time (UTC)", row=2)
    drawn.update_yaxes(automargin=True, fixedrange=True, zeroline=False)
    drawn.update_yaxes(title=title, range=[0, 1.04], tickformat=".0%", dtick=0.25, row=1)
    drawn.update_yaxes(showgrid=False, ticksuffix=" ", row=2)
    return drawn


def _draw_phases(drawn: Drawing, phases: pd.DataFrame, ink: str) -> None:
    known = phases.dropna(subset=["end_at"])
    for phase in records(known):
        drawn.add_bar(
            base=[phase.start_at.replace(tzinfo=None)],
            x=[phase.duration_s * 1000],
            y=["Phases"],
            orientation="h",
            name=phase.phase,
            showlegend=False,
            text=[phase.phase],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            insidetextfont={"color": "#FFFFFF" if phase.billed else ink},
            marker={
                "color": "#44709E" if phase.billed else "rgba(79, 124, 172, 0.12)",
                "line": {"color": "#44709E", "width": 1.2},
            },
            hovertemplate=f"{phase.phase}: {formats.duration(phase.duration_s)},"
            f" {'billed' if phase.billed else 'not billed'}<extra></extra>",
            row=2,
        )
    drawn.update_layout(barmode="overlay", bargap=0.1)
    drawn.update_layout(uniformtext={"minsize": 10, "mode": "hide"})


def _host(rows: pd.DataFrame) -> str:
    first = first_row(rows)
    name = str(first.host_name).rpartition("/")[2]
    kind = "unresolved" if first.is_unresolved else formats.text(first.instance_type)
    return f"{name} · {kind}"


def _with_gaps(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with an empty one where time is missing: a line must not bridge it."""
    ends = rows["bin_at"] + pd.to_timedelta(rows["step_s"], unit="s")
    is_gap = ends < rows["bin_at"].shift(-1)
    gaps = rows[is_gap].assign(bin_at=ends[is_gap], utilization_ratio=float("nan"))
    return pd.concat([rows, gaps]).sort_values("bin_at", kind="stable")


def _plain(instant: datetime) -> datetime:
    """Return an instant in UTC without its zone: Plotly would take it for local time."""
    return instant.replace(tzinfo=None)
