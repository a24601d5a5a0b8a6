"""A page shows the same with and without a session, whatever its URL says."""

import re
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from analytics.derived.derive import derive
from data.ingest.home_store import open_home
from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.home import Home
from data.store.store import Store
from pages.kit.blocks import Chart, Group, Heading, PlainTable, Setting, Table, Text, View
from pages.kit.html.page import html_page
from tests.chains import history
from tests.conftest import lines
from tests.pages.running import PAGES, collected_view, run_page, seen_page, seen_view, shown_view

Params = dict[str, str | list[str]]
CHOICES: list[tuple[str, Params]] = [
    ("overview", {"since": "2026-10-01", "until": "2026-10-20", "region": "us-east-1"}),
    ("overview", {"since": "yesterday", "region": ["mars-1", "us-east-1"], "user_name": ""}),
    ("overview", {"since": "2036-01-01"}),
    ("keep_alive", {"value_usd_per_h": "100", "pool": "all", "limit": "6 h (API)", "quota": "3"}),
    ("keep_alive", {"view": "Frontier", "by": "Weekday", "first_s": "60", "second_s": "900"}),
    ("keep_alive", {"p90_target_s": "60", "find": "ml.", "pool": "all"}),
    # what cannot be
    ("keep_alive", {"value_usd_per_h": "-1", "limit": "nonsense", "quota": "1.5", "view": "x"}),
    (
        "keep_alive",
        {"value_usd_per_h": "501", "first_s": "21601", "pool": "gone", "find": "nothing has this"},
    ),
    ("keep_alive", {"value_usd_per_h": "inf", "p90_target_s": "nan", "by": ""}),
    ("pool_timeline", {"period_s": "900", "span": "7d"}),
    ("pool_timeline", {"period_s": "x", "span": "all", "job": "gone"}),
    ("pool_timeline", {"span": "1h", "from": "2026-11-01T10:00", "pool": "gone"}),
    ("sql", {"sql": "select 42 as answer", "table": "prices"}),
    ("sql", {"query": "costs", "set": ["by=day"], "since": "2026-10-01", "table": "gone"}),
    ("sql", {"query": "nonsense"}),
    ("definitions", {"search": "p4d warm", "metric": "hit_rate_ratio"}),
    ("definitions", {"metric": "luck"}),
]


def content(view: View) -> list[Any]:
    """Return what a view shows in a form that can be compared."""
    return [_comparable(block) for block in view.blocks()]


def _comparable(block: Any) -> Any:
    match block:
        case Chart(figure, alt):
            return (_rounded(figure.to_plotly_json()), alt)
        case Table(rows) | PlainTable(rows):
            return [getattr(block, "columns", None), block.alt, rows.to_csv(float_format="%.10g")]
        case Group(layout, parts):  # what is in them follows
            return (layout, len(parts), block.labels, block.widths)
        case Text(markdown) if markdown.startswith("As of "):  # not both seen at one instant
            return re.sub(r"\d+( s\b| min\b)?", "#", markdown)
    return block


def _rounded(part: Any) -> Any:
    """Return a figure's part without last digits: sums of two threads differ in them."""
    match part:
        case {"dtype": str(kind), "bdata": str(encoded)}:  # as plotly writes arrays
            return _rounded(np.frombuffer(b64decode(encoded), dtype=kind))
        case dict():
            return {name: _rounded(below) for name, below in part.items()}
        case list() | tuple():
            return [_rounded(below) for below in part]
        case np.ndarray():
            return [_rounded(below) for below in part.tolist()]
        case float():
            return f"{part:.10g}"
    return part


def pool_of(store: Store) -> str:
    return str(store.scalar("select max(pool_key) from job_facts where eligibility = 'eligible'"))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_the_same_without_a_session(name: str, demo_store: Store) -> None:
    shown = shown_view(seen_page(name, demo_store))
    collected = seen_view(name, demo_store)
    assert content(collected) == content(shown)
    assert (collected.title, collected.as_of) == (shown.title, shown.as_of)


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_page_shows_the_same_without_a_session(name: str, empty_store: Store) -> None:
    shown = shown_view(seen_page(name, empty_store))
    assert content(seen_view(name, empty_store)) == content(shown)


@pytest.mark.parametrize(("name", "params"), CHOICES)
def test_the_url_means_the_same_without_a_session(
    name: str, params: Params, demo_store: Store
) -> None:
    shown = shown_view(run_page(name, demo_store, **params))
    assert content(collected_view(name, demo_store, **params)) == content(shown)


def test_a_chosen_row_means_the_same_without_a_session(demo_store: Store) -> None:
    pool_key = pool_of(demo_store)
    shown = shown_view(run_page("warm_pools", demo_store, pool=pool_key))
    collected = collected_view("warm_pools", demo_store, pool=pool_key)
    assert content(collected) == content(shown)
    headings = [block.text for block in collected.blocks() if isinstance(block, Heading)]
    assert any(heading.startswith("Jobs of ") for heading in headings)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("is_empty", [False, True])
def test_html_needs_no_session(
    name: str,
    is_empty: bool,
    empty_store: Store,
    demo_store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        message = "drawn on a screen"
        raise AssertionError(message)

    monkeypatch.setattr(DeltaGenerator, "_enqueue", fail)
    monkeypatch.setattr(DeltaGenerator, "_block", fail)
    assert get_script_run_ctx(suppress_warning=True) is None
    view = collected_view(name, empty_store if is_empty else demo_store)
    assert f"<h1>{view.title}</h1>" in html_page(view, "http://127.0.0.1:8501/")


@pytest.mark.thorough
def test_html_does_without_streamlit(tmp_path: Path) -> None:
    store = open_home(Home(tmp_path / "home").create(), derivation=derive)
    ingest(store, uploaded("jobs.jsonl", lines(*history())))
    store.close()
    script = """
import sys
from pathlib import Path
from analytics.derived.derive import derive
from data.ingest.home_store import open_home
from data.store.home import Home
from data.store.reader import Reader
from pages.kit.catalog import pages
from pages.kit.frame import view_of
from pages.kit.html.page import html_page

reader = Reader(open_home(Home(Path(sys.argv[1])), derivation=derive))
for entry in pages():
    assert html_page(view_of(entry, reader), "http://127.0.0.1:8501/")
assert "streamlit" not in sys.modules
"""
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "home")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


def test_choices_are_noted_as_settings(demo_store: Store) -> None:
    view = collected_view(
        "keep_alive", demo_store, value_usd_per_h="100", quota="3", region="us-east-1"
    )
    settings = {setting.label: setting.value for setting in view.settings()}
    assert settings["Cost of delay (USD per hour)"] == "100 USD"
    assert settings["Quota"] == "3"
    assert settings["Region"] == "us-east-1"
    assert settings["Time range"] == "All data"
    assert "P90 target (s)" not in settings
    html = html_page(view, "http://127.0.0.1:8501/")
    assert "<dt>Quota</dt><dd>3</dd>" in html


def test_a_page_says_as_of_when(demo_store: Store) -> None:
    view = collected_view("overview", demo_store)
    assert view.as_of is not None
    assert f"as of {view.as_of.day} {view.as_of:%b %Y}" in html_page(view, "http://127.0.0.1/")


def test_a_setting_of_a_fragment_follows_its_control(demo_store: Store) -> None:
    page = run_page("keep_alive", demo_store)
    page.number_input(key="quota").set_value(7).run()
    assert Setting("Quota", "7") in shown_view(page).settings()
    assert page.query_params["quota"] in ("7", ["7"])
    page.number_input(key="quota").set_value(None).run()
    assert all(setting.label != "Quota" for setting in shown_view(page).settings())
    assert "quota" not in page.query_params


def test_a_choice_at_its_usual_value_is_not_in_the_url(demo_store: Store) -> None:
    page = run_page("keep_alive", demo_store, value_usd_per_h="100", view="Frontier")
    page.slider(key="value_usd_per_h").set_value(60.0).run()
    page.segmented_control(key="view").set_value("Curves").run()
    assert not page.exception
    assert "value_usd_per_h" not in page.query_params
    assert "view" not in page.query_params


def test_rows_that_a_page_changes_are_its_own(demo_store: Store) -> None:
    from data.store.reader import Reader  # noqa: PLC0415
    from pages.kit.cache import query_rows  # noqa: PLC0415

    reader = Reader(demo_store)
    rows = query_rows(reader, "pools")
    before = rows.copy()
    rows["job_count"] = -1
    rows.loc[:, "region"] = "mars-1"
    pd.testing.assert_frame_equal(query_rows(reader, "pools"), before)
