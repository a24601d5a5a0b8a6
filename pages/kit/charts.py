"""Charts: colours with a meaning, and the common form. Each page's figures are in its charts.py."""

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Any, Literal

import plotly.graph_objects as go

from pages.kit.drawing import Drawing

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
MOST_TICKS = 7


def figure(
    *, x_title: str = "", y_title: str = "", height: int = 320, left: int = 0, right: int = 0
) -> Drawing:
    """Return an empty figure in the common form."""
    layout = common_layout(height=height, left=left, right=right)
    axis = {"automargin": True, "fixedrange": True, "zeroline": False}
    layout["xaxis"] = {"title": {"text": x_title} if x_title else {}, **axis}
    layout["yaxis"] = {"title": {"text": y_title} if y_title else {}, **axis}
    return Drawing(layout)


def panels(
    heights: Sequence[float],
    *,
    height: int,
    spacing: float,
    titles: Sequence[str] = (),
    is_scale_shared: bool = False,
) -> Drawing:
    """Return empty panels below each other, in the common form, on one horizontal axis."""
    return Drawing.of_panels(
        common_layout(height=height),
        heights,
        spacing=spacing,
        titles=titles,
        is_scale_shared=is_scale_shared,
    )


def signed_ticks(low: float, high: float, *, sign: str = "") -> dict[str, Any]:
    """Return the ticks of an axis that reaches below 0, with the minus of texts and tables.

    Plotly writes another one, which nobody can search for. `sign` is that of Python's formats.

    >>> signed_ticks(-2100, 900)["ticktext"]
    ['-2,000', '-1,500', '-1,000', '-500', '0', '500']
    >>> signed_ticks(0, 900)
    {}
    """
    if not low < 0 or not high > low:
        return {}
    rough = (high - low) / MOST_TICKS
    decade = 10.0 ** floor(log10(rough))
    step = next(part * decade for part in (1, 2, 5, 10) if part * decade >= rough)
    values = [number * step for number in range(ceil(low / step), floor(high / step) + 1)]
    digits = max(0, -floor(log10(step)))
    texts = [f"{value:{sign if value else ''},.{digits}f}" for value in values]
    return {"tickmode": "array", "tickvals": values, "ticktext": texts}


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


def painted(drawn: Drawing, theme: Theme) -> go.Figure:
    """Return a figure, with text and lines in the colours for the background of a theme."""
    ink, grid = INK[theme], GRID[theme]
    axis = {
        "tickfont": {"color": ink, "size": 12},
        "title": {"font": {"color": ink, "size": 13}},
        "gridcolor": grid,
    }
    drawn.update_layout(
        font={"color": ink, "size": 13},
        legend={"font": {"color": ink}},
        **dict.fromkeys(drawn.axes(), axis),
    )
    drawn.update_annotations(font={"color": ink, "size": 12}, bgcolor=PAPER[theme])
    return drawn.figure()
