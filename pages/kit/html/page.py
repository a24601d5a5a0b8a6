"""One HTML file of a view: it needs no other file, no network and no Stoker.

What it says may come from outside, as job names do. All of it is escaped, and the file's own policy
lets the browser run its two scripts only and load nothing.
"""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from pages.kit import charts, formats
from pages.kit.blocks import Chart, Notice, Text, View
from pages.kit.html.blocks import BlockWriter
from pages.kit.html.markdown import text_of

DARK = {charts.INK["light"]: charts.INK["dark"], charts.PAPER["light"]: charts.PAPER["dark"],
        charts.GRID["light"]: charts.GRID["dark"]}  # fmt: skip
LIGHT = {dark: light for light, dark in DARK.items()}
FONT = '"Source Sans 3", "Source Sans Pro", system-ui, sans-serif'
CLEAR = "rgba(0,0,0,0)"
ROOM = {"title": {"standoff": 14}, "automargin": True}
FIRST_SENTENCES = 3
DIGITS = 12

_templates = Environment(
    loader=PackageLoader("pages.kit", "html"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


def html_page(view: View, address: str) -> str:
    """Return a view as one HTML file; `address` is where the dashboard shows it, if it does."""
    writer = BlockWriter(_templates)
    body = writer.part(view.body)
    script = _file("page.js")
    figures = {f"chart-{number}": _figure(chart) for number, chart in writer.charts}
    return _templates.get_template("page.html").render(
        view=view,
        facts=list(_facts(view)),
        address=address,
        body=body,
        sections=writer.sections,
        policy=_policy(script),
        style=Markup(_file("page.css")),
        charts=_json_in_script({"figures": figures, "dark": DARK}),
        plotly=Markup(get_plotlyjs()),
        script=Markup(script),
    )


def about(view: View, address: str) -> str:
    """Return in plain text what a view shows, for whoever is given its tables."""
    lines = [f"{view.title} · Stoker", ""]
    if view.is_demo:
        lines.append("Demo: made-up jobs")
    lines += [f"{label}: {value}" for label, value in _facts(view)]
    lines += [f"Live view: {address}", ""]
    texts = [block.markdown for block in view.blocks() if isinstance(block, Text | Notice)]
    lines += [text_of(markdown) for markdown in texts[:FIRST_SENTENCES]]
    return "\n".join(lines) + "\n"


def _facts(view: View) -> Iterator[tuple[str, str]]:
    for setting in view.settings():
        yield setting.label, setting.value
    if view.as_of is not None:
        yield "Data as of", formats.moment(view.as_of)
    yield "Made", formats.moment(view.made_at)


def _figure(chart: Chart) -> dict[str, Any]:
    """Return a chart's data and layout in light colours."""
    figure = _in_light(_rounded(orjson.loads(chart.figure.to_json())))
    layout = figure["layout"]
    layout["template"] = {"layout": {"xaxis": {"showgrid": False, **ROOM}, "yaxis": ROOM}}
    layout |= {"paper_bgcolor": CLEAR, "plot_bgcolor": CLEAR, "autosize": True}
    layout["font"] = {**layout.get("font", {}), "family": FONT}
    return {"data": figure["data"], "layout": layout}


def _rounded(value: Any) -> Any:
    """Return a figure's numbers without the last digits, in which sums by several threads differ.

    >>> _rounded({"x": [0.1 + 0.2, 1e20, None], "y": {"dtype": "i4", "bdata": "AQAAAA=="}})
    {'x': [0.3, 1e+20, None], 'y': {'dtype': 'i4', 'bdata': 'AQAAAA=='}}
    """
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("dtype") == "f8" and "bdata" in value:
        numbers = np.frombuffer(base64.b64decode(value["bdata"]), np.float64)
        rounded = np.array([float(f"{number:.{DIGITS}g}") for number in numbers])
        return {**value, "bdata": base64.b64encode(rounded.tobytes()).decode()}
    return {key: _rounded(item) for key, item in value.items()}


def _in_light(value: Any) -> Any:
    if isinstance(value, str):
        return LIGHT.get(value, value)
    if isinstance(value, list):
        return [_in_light(item) for item in value]
    if isinstance(value, dict):
        return {key: _in_light(item) for key, item in value.items()}
    return value


def _json_in_script(value: Any) -> Markup:
    """Return JSON that cannot end the script element that it stands in."""
    return Markup(orjson.dumps(value).decode().replace("<", "\\u003c"))


def _policy(script: str) -> str:
    return (
        "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; base-uri 'none';"
        f" form-action 'none'; script-src {_hash(get_plotlyjs())} {_hash(script)}"
    )


@cache
def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _file(name: str) -> str:
    return (files("pages.kit.html") / name).read_text(encoding="utf-8")
