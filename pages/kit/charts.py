"""Charts: colours with a meaning, and the common form. Each page's figures are in its charts.py."""

from typing import Any, Literal

import plotly.graph_objects as go

Theme = Literal["light", "dark"]

# Mid tones: at least 3 to 1 against the light and the dark background. What a colour says is said
# by a label, a marker or a pattern too.
WARM = "#E0562B"  # ember
COLD = "#4F7CAC"  # slate
IDLE = "#B88300"  # amber
RUN = "#8C857D"
IDLE_PATTERN = "/"

# text needs 4.5 to 1, which no single tone has against both
INK = {"light": "#4F4842", "dark": "#CFC6BD"}
PAPER = {"light": "rgba(255, 255, 255, 0.85)", "dark": "rgba(20, 17, 14, 0.85)"}
GRID = {"light": "#E6E1DC", "dark": "#3A3530"}

MOST_POINTS = 2000


def figure(
    *, x_title: str = "", y_title: str = "", height: int = 320, left: int = 0, right: int = 0
) -> go.Figure:
    """Return an empty figure in the common form."""
    # all at once: each update of a figure takes as long as making it
    layout = common_layout(height=height, left=left, right=right)
    axis = {"automargin": True, "fixedrange": True, "zeroline": False}
    layout["xaxis"] = {"title": {"text": x_title or None}, **axis}
    layout["yaxis"] = {"title": {"text": y_title or None}, **axis}
    return go.Figure(layout=layout)


def common_layout(*, height: int, left: int = 0, right: int = 0) -> dict[str, Any]:
    """Return the layout that all figures have."""
    return {
        "height": height,
        "margin": {"l": left, "r": right, "t": 8, "b": 8},
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "title": {"text": ""},
            "traceorder": "normal",
        },
        "hoverlabel": {"align": "left"},
        "bargap": 0.25,
        "separators": ".,",
        "dragmode": False,
    }


def paint(drawn: go.Figure, theme: Theme) -> None:
    """Give a figure the colours of text and lines on the background of a theme."""
    ink, grid = INK[theme], GRID[theme]
    axis = {
        "tickfont": {"color": ink, "size": 12},
        "title": {"font": {"color": ink, "size": 13}},
        "gridcolor": grid,
    }
    names = (name for name in drawn.layout.to_plotly_json() if name[1:].startswith("axis"))
    drawn.update_layout(
        {
            "font": {"color": ink, "size": 13},
            "legend": {"font": {"color": ink}},
            **dict.fromkeys(names, axis),
        }
    )
    drawn.update_annotations(font={"color": ink, "size": 12}, bgcolor=PAPER[theme])
