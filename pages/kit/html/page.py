"""One HTML file of a view: it needs no other file, no network and no Stoker.

What it says may come from outside, as job names do. All of it is escaped, and the file's own policy
lets the browser run its two scripts only and load nothing.
"""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

import orjson
from plotly.offline import get_plotlyjs

from pages.kit import charts, formats
from pages.kit.blocks import Chart, Figures, Heading, Item, Table, Text, View
from pages.kit.html.tables import table_html
from pages.kit.markdown import html_of, text_of

DEMO = "Demo: made-up jobs"
DARK = {charts.INK["light"]: charts.INK["dark"], charts.PAPER["light"]: charts.PAPER["dark"],
        charts.GRID["light"]: charts.GRID["dark"]}  # fmt: skip
LIGHT = {dark: light for light, dark in DARK.items()}
FONT = '"Source Sans 3", "Source Sans Pro", system-ui, sans-serif'
CLEAR = "rgba(0,0,0,0)"
ROOM = {"title": {"standoff": 14}, "automargin": True}


def page_html(view: View, address: str) -> str:
    """Return a view as one HTML file; `address` is where the dashboard shows it."""
    parts = list(_parts(view))
    script = _beside("page.js")
    return Template(_beside("page.html")).substitute(
        policy=escape(_policy(script)),
        title=escape(view.title),
        style=_beside("page.css"),
        demo=f'<p class="badge">{DEMO}</p>' if view.is_demo else "",
        facts="\n".join(
            f"<dt>{escape(label)}</dt><dd>{written}</dd>"
            for label, written in _facts(view, address)
        ),
        body="\n".join(parts),
        charts=_in_script({"figures": _figures(view), "dark": DARK}),
        plotly=get_plotlyjs(),
        script=script,
    )


def about(view: View, address: str) -> str:
    """Return in plain text what a view shows, for whoever is given its tables."""
    lines = [f"{view.title} · Stoker", ""]
    if view.is_demo:
        lines.append(DEMO)
    lines += [f"{setting.label}: {setting.value}" for setting in view.settings()]
    lines += [f"Made: {formats.moment(view.made_at)}", f"View: {address}", ""]
    lines += [text_of(item.markdown) for item in view.items() if isinstance(item, Text)][:3]
    return "\n".join(lines) + "\n"


def _facts(view: View, address: str) -> Iterator[tuple[str, str]]:
    for setting in view.settings():
        yield setting.label, escape(setting.value)
    yield "Made", escape(formats.moment(view.made_at))
    link = f'<a href="{escape(address)}" rel="noreferrer">{escape(address)}</a>'
    yield "Live view", link if address.startswith("http") else escape(address)


def _parts(view: View) -> Iterator[str]:
    chart_count = table_count = 0
    for item in view.items():
        if isinstance(item, Chart):
            chart_count += 1
            yield _chart(item, chart_count)
        elif isinstance(item, Table):
            table_count += 1
            yield table_html(item, f"table-{table_count}")
        else:
            yield _written(item)


def _written(item: Item) -> str:
    match item:
        case Heading(text, level):
            return f"<h{level}>{escape(text_of(text))}</h{level}>"
        case Text(markdown, is_quiet):
            return html_of(markdown, is_quiet=is_quiet)
        case Figures(figures):
            cards = "".join(
                f'<li><span class="label">{escape(text_of(figure.label))}</span>'
                f'<span class="value">{escape(text_of(figure.value))}</span>'
                f'<span class="quiet">{escape(text_of(figure.detail))}</span></li>'
                for figure in figures
            )
            return f'<ul class="figures">{cards}</ul>'
    return ""


def _chart(chart: Chart, number: int) -> str:
    height = int(chart.figure.layout.height or 450)
    return (
        f'<figure><div class="chart" id="chart-{number}" role="img"'
        f' aria-labelledby="chart-{number}-says" style="height: {height}px"></div>'
        f'<figcaption id="chart-{number}-says">{escape(chart.alt)}</figcaption></figure>'
    )


def _figures(view: View) -> dict[str, Any]:
    """Return the charts' data and layout in light colours, by the element they are drawn in."""
    charted = [item for item in view.items() if isinstance(item, Chart)]
    return {f"chart-{number}": _figure(chart) for number, chart in enumerate(charted, start=1)}


def _figure(chart: Chart) -> dict[str, Any]:
    figure = _in_light(orjson.loads(chart.figure.to_json()))
    layout = figure["layout"]
    layout["template"] = {"layout": {"xaxis": {"showgrid": False, **ROOM}, "yaxis": ROOM}}
    layout |= {"paper_bgcolor": CLEAR, "plot_bgcolor": CLEAR, "autosize": True}
    layout["font"] = {**layout.get("font", {}), "family": FONT}
    return {"data": figure["data"], "layout": layout}


def _in_light(value: Any) -> Any:
    if isinstance(value, str):
        return LIGHT.get(value, value)
    if isinstance(value, list):
        return [_in_light(part) for part in value]
    if isinstance(value, dict):
        return {key: _in_light(part) for key, part in value.items()}
    return value


def _in_script(value: Any) -> str:
    """Return JSON that cannot end the script element that it stands in."""
    return orjson.dumps(value).decode().replace("<", "\\u003c")


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
def _beside(name: str) -> str:
    return (files("pages.kit.html") / name).read_text(encoding="utf-8")
