"""A figure while it is drawn: plain values, which become one of Plotly's once all are there.

Each change of Plotly's own figures is checked and copied several times over, which took more than a
third of the time of a page. What is drawn here is checked by tests: they make every figure again
with Plotly's checks.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import lru_cache
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots


class Drawing:
    """Traces and layout, of one panel, or of several below each other on one horizontal axis.

    Names and values are Plotly's; a name with an underscore stands for no path. `row` is the
    number of a panel, from 1 at the top.
    """

    def __init__(self, layout: Mapping[str, Any], panel_count: int = 0) -> None:
        self.layout = deepcopy(dict(layout))
        self._panel_count = panel_count
        self._traces: list[dict[str, Any]] = []

    @classmethod
    def of_panels(
        cls,
        layout: Mapping[str, Any],
        heights: Sequence[float],
        *,
        spacing: float,
        titles: Sequence[str] = (),
        is_scale_shared: bool = False,
    ) -> "Drawing":
        """Return an empty figure of panels of these relative heights."""
        drawn = cls(layout, len(heights))
        axes = _panel_axes(tuple(heights), spacing, tuple(titles), is_scale_shared)
        _merge(drawn.layout, deepcopy(axes))
        return drawn

    def add_bar(self, *, row: int | None = None, **values: Any) -> None:
        """Add bars."""
        self._add("bar", row, values)

    def add_scatter(self, *, row: int | None = None, **values: Any) -> None:
        """Add points, or a line."""
        self._add("scatter", row, values)

    def add_annotation(self, *, row: int | None = None, **values: Any) -> None:
        """Add a text at a point; `x domain` and `y domain` are those of its panel."""
        if row is not None:
            for axis in ("x", "y"):
                is_share = str(values.get(f"{axis}ref", "")).endswith(" domain")
                values[f"{axis}ref"] = _axis_of(axis, row) + (" domain" if is_share else "")
        self.layout.setdefault("annotations", []).append(values)

    def add_vline(self, *, x: Any, line: Mapping[str, Any]) -> None:
        """Add a line from the bottom to the top of every panel."""
        for row in range(1, max(self._panel_count, 1) + 1):
            self._add_line(
                {"x0": x, "x1": x, "xref": _axis_of("x", row)},
                {"y0": 0, "y1": 1, "yref": f"{_axis_of('y', row)} domain"},
                line,
            )

    def add_hline(self, *, y: Any, line: Mapping[str, Any], row: int = 1) -> None:
        """Add a line from the left to the right of a panel."""
        self._add_line(
            {"x0": 0, "x1": 1, "xref": f"{_axis_of('x', row)} domain"},
            {"y0": y, "y1": y, "yref": _axis_of("y", row)},
            line,
        )

    def update_layout(self, **values: Any) -> None:
        """Change what is said of the whole figure."""
        _merge(self.layout, values)

    def update_xaxes(
        self, *, row: int | None = None, title: str | None = None, **values: Any
    ) -> None:
        """Change the horizontal axis of a panel, or of all."""
        self._update_axes("xaxis", row, title, values)

    def update_yaxes(
        self, *, row: int | None = None, title: str | None = None, **values: Any
    ) -> None:
        """Change the vertical axis of a panel, or of all."""
        self._update_axes("yaxis", row, title, values)

    def update_annotations(self, **values: Any) -> None:
        """Change all texts at points."""
        for annotation in self.layout.get("annotations", ()):
            _merge(annotation, values)

    def axes(self) -> list[str]:
        """Return the layout's names of all axes."""
        return [name for name in self.layout if name[1:].startswith("axis")]

    def figure(self) -> go.Figure:
        """Return it as Plotly has it."""
        return go.Figure(data=self._traces, layout=self.layout, _validate=False)

    def _add(self, kind: str, row: int | None, values: Mapping[str, Any]) -> None:
        place = {} if row is None else {"xaxis": _axis_of("x", row), "yaxis": _axis_of("y", row)}
        known = {name: value for name, value in values.items() if value is not None}
        self._traces.append({"type": kind, **_plain(known), **place})

    def _add_line(
        self, across: Mapping[str, Any], along: Mapping[str, Any], line: Mapping[str, Any]
    ) -> None:
        shape = {"type": "line", "line": dict(line), **across, **along}
        self.layout.setdefault("shapes", []).append(shape)

    def _update_axes(
        self, kind: str, row: int | None, title: str | None, values: Mapping[str, Any]
    ) -> None:
        named = {"title": {"text": title}} if title is not None else {}
        for name in self.axes():
            is_meant = row is None or name == _axis_of(kind, row)
            if name.startswith(kind) and is_meant:
                _merge(self.layout[name], {**values, **named})


def _axis_of(kind: str, row: int) -> str:
    """Return what the axis of a panel is called: the first has no number."""
    return kind if row == 1 else f"{kind}{row}"


@lru_cache(maxsize=64)
def _panel_axes(
    heights: tuple[float, ...], spacing: float, titles: tuple[str, ...], is_scale_shared: bool
) -> dict[str, Any]:
    panels = make_subplots(
        rows=len(heights),
        cols=1,
        shared_xaxes=True,
        shared_yaxes="all" if is_scale_shared else False,
        subplot_titles=titles or None,
        row_heights=list(heights),
        vertical_spacing=spacing,
    )
    axes: dict[str, Any] = panels.layout.to_plotly_json()
    axes.pop("template", None)
    return axes


def _merge(target: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Change what is said in `values`, however deep it stands."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            _merge(target.setdefault(name, {}), value)
        else:
            target[name] = _plain(value)


def _plain(value: Any) -> Any:
    """Return columns as arrays, instants in them as UTC says them: a browser would change them."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, pd.Series):
        if isinstance(value.dtype, pd.DatetimeTZDtype):
            value = value.dt.tz_localize(None)
        return value.to_numpy()
    return value.to_numpy() if isinstance(value, pd.DataFrame) else value
