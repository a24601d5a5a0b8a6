"""Waits of shares under several settings, who holds the capacity, why jobs wait, what was found."""

from collections.abc import Sequence

import pandas as pd

from pages.kit import charts, formats
from pages.kit.drawing import Drawing
from pages.kit.labels import label
from pages.kit.rows import records

COLOURS = (charts.RUN, charts.WARM, charts.COLD, charts.IDLE)
PATTERNS = ("", "/", ".", "x")
LINES = "rgba(255, 255, 255, 0.6)"  # of a pattern, over any colour
PREEMPTED = "#7A3FA0"
BANDS = {
    "owned_used_instance_h": ("Own capacity, used", charts.COLD, ""),
    "borrowed_instance_h": ("Borrowed", charts.WARM, "x"),
    "idle_instance_h": ("Idle", charts.IDLE, charts.IDLE_PATTERN),
}
CAUSES = {
    "capacity_full": charts.COLD,
    "share_limit": charts.WARM,
    "head_of_line": charts.IDLE,
    "not_yet_eligible": charts.RUN,
}


def share_text(name: object) -> str:
    """Return how a share is called; jobs without one have a name too."""
    return "no share" if formats.is_unknown(name) or name == "" else str(name)


def wait_bars(rows: pd.DataFrame, column: str, title: str) -> Drawing:
    """Draw the wait of each share as bars, one a scenario."""
    shares = list(dict.fromkeys(map(share_text, rows["share_name"])))
    scenarios = list(dict.fromkeys(zip(rows["scenario_no"], rows["scenario_name"], strict=True)))
    unit = formats.span_unit(rows[column])
    drawn = charts.figure(
        x_title=f"{title} ({unit.long})", height=120 + 22 * len(shares) * max(len(scenarios), 2)
    )
    for number, (position, name) in enumerate(scenarios):
        part = rows[rows["scenario_no"] == position]
        drawn.add_bar(
            y=[share_text(share) for share in part["share_name"]],
            x=part[column] / unit.seconds,
            orientation="h",
            name=f"{letter(number)}: {name}",
            marker={
                "color": COLOURS[number % len(COLOURS)],
                "pattern": {
                    "shape": PATTERNS[number % len(PATTERNS)],
                    "fgcolor": LINES,
                    "fillmode": "overlay",
                },
            },
            hovertemplate=f"%{{y}}: %{{x:,.2f}} {unit.short}<extra>{name}</extra>",
        )
    drawn.update_layout(barmode="group", bargap=0.3)
    # the first settings on top, as in the legend
    drawn.update_yaxes(categoryorder="array", categoryarray=shares, autorange="reversed")
    drawn.update_xaxes(rangemode="tozero", tickformat=",")
    return drawn


def letter(number: int) -> str:
    """Return how the scenarios are told apart in charts and lists.

    >>> letter(0), letter(3)
    ('A', 'D')
    """
    return chr(ord("A") + number)


def band_areas(parts: Sequence[tuple[str, pd.DataFrame]], unit: str) -> Drawing:
    """Draw who holds the capacity over time, one picture below the other a scenario."""
    drawn = charts.panels(
        [1] * len(parts),
        height=110 + 210 * len(parts),
        spacing=0.16 / len(parts),
        titles=[name for name, _ in parts],
        is_scale_shared=True,
    )
    for number, (_, rows) in enumerate(parts, start=1):
        for column, (name, colour, pattern) in BANDS.items():
            drawn.add_scatter(
                x=rows["bin_at"], y=rows[column], row=number, name=name,
                legendgroup=column, showlegend=number == 1, stackgroup=f"bands{number}",
                line={"width": 0, "color": colour, "shape": "hv"},
                fillpattern={"shape": pattern, "fgcolor": LINES, "fillmode": "overlay"}
                if pattern else None,
                fillcolor=colour,
                hovertemplate=f"%{{x|%d %b %H:%M}}: %{{y:,.1f}} {unit}<extra>{name}</extra>",
            )  # fmt: skip
        drawn.add_scatter(
            x=rows["bin_at"], y=rows["preempted_instance_h"], row=number,
            name="Of it cut off by preemption", legendgroup="preempted", showlegend=number == 1,
            mode="lines", line={"width": 2, "color": PREEMPTED, "dash": "dash", "shape": "hv"},
            hovertemplate=f"%{{x|%d %b %H:%M}}: %{{y:,.1f}} {unit}<extra>Preempted</extra>",
        )  # fmt: skip
        drawn.update_yaxes(title=unit.capitalize(), row=number)
    drawn.update_layout(legend={"y": 1.0 + 0.12 / len(parts)})
    drawn.update_xaxes(fixedrange=True, zeroline=False, automargin=True)
    drawn.update_yaxes(fixedrange=True, automargin=True, rangemode="tozero", tickformat=",")
    return drawn


def cause_bars(rows: pd.DataFrame) -> Drawing:
    """Draw why the jobs of each share wait, and how long in all."""
    shares = list(dict.fromkeys(map(share_text, rows["share_name"])))
    unit = formats.span_unit(rows.groupby("share_name", dropna=False)["waited_s"].sum())
    drawn = charts.figure(x_title=f"Wait of all jobs ({unit.long})", height=110 + 34 * len(shares))
    for number, (cause, colour) in enumerate(CAUSES.items()):
        part = rows[rows["wait_cause"] == cause]
        if not part["waited_s"].any():
            continue
        drawn.add_bar(
            y=[share_text(share) for share in part["share_name"]],
            x=part["waited_s"] / unit.seconds,
            orientation="h",
            name=label("wait_cause", cause),
            marker={
                "color": colour,
                "pattern": {"shape": PATTERNS[number], "fgcolor": LINES, "fillmode": "overlay"},
            },
            hovertemplate=f"%{{y}}: %{{x:,.1f}} {unit.short}"
            f"<extra>{label('wait_cause', cause)}</extra>",
        )
    drawn.update_layout(barmode="stack")
    drawn.update_yaxes(categoryorder="array", categoryarray=shares[::-1])
    drawn.update_xaxes(rangemode="tozero", tickformat=",")
    return drawn


def advice_points(rows: pd.DataFrame) -> Drawing:
    """Draw the settings that were found: mean wait against the worst share's P90 wait."""
    sides = ("current", "advised")
    mean = formats.span_unit(pd.concat([rows[f"{side}_wait_mean_s"] for side in sides]))
    worst = formats.span_unit(pd.concat([rows[f"{side}_worst_share_p90_s"] for side in sides]))
    drawn = charts.figure(
        x_title=f"Mean wait ({mean.long})",
        y_title=f"Longest P90 wait of a share ({worst.long})",
        height=360,
    )
    base = rows.head(1)
    points = [("Settings in force", base, "current", charts.RUN, "circle")]
    for verdict, colour, symbol in (
        ("adopt", charts.WARM, "diamond"),
        ("not_confirmed", charts.COLD, "x"),
    ):
        points.append(
            (label("verdict", verdict), rows[rows["verdict"] == verdict], "advised", colour, symbol)
        )
    for name, part, side, colour, symbol in points:
        drawn.add_scatter(
            x=part[f"{side}_wait_mean_s"] / mean.seconds,
            y=part[f"{side}_worst_share_p90_s"] / worst.seconds,
            mode="markers", name=name, cliponaxis=False,
            marker={"color": colour, "size": 13, "symbol": symbol},
            text=[name if side == "current" else row.scenario_name for row in records(part)],
            hovertemplate=f"%{{text}}: mean %{{x:,.2f}} {mean.short}, worst P90 %{{y:,.2f}}"
            f" {worst.short}<extra></extra>",
        )  # fmt: skip
    drawn.update_xaxes(rangemode="tozero", tickformat=",")
    drawn.update_yaxes(rangemode="tozero", tickformat=",")
    return drawn
