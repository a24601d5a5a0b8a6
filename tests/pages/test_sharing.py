"""Sharing: the link, the data and the HTML file of every page hold what is on screen."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from plotly.offline import get_plotlyjs
from streamlit.testing.v1 import AppTest

from data.ingest.pipeline import ImportResult
from data.store.store import Store
from pages.kit import charts, recording, sharing, tables
from pages.kit.blocks import (
    Chart,
    Data,
    Figure,
    Figures,
    Heading,
    Part,
    Setting,
    Table,
    Text,
    View,
)
from pages.kit.html.page import _figure, page_html
from pages.kit.markdown import html_of, text_of
from tests.conftest import describe_job
from tests.pages.running import PAGES, page_of, run_page

Take = Callable[..., ImportResult]
ADDRESS = "http://127.0.0.1:8501/warm-pools?since=2026-03-01"
HOSTILE = "<script>alert(1)</script>\"'&</table>"
ROOT = Path(__file__).parents[2]


def shared(name: str, store: Store, **params: str | list[str]) -> AppTest:
    """Run a page with its Share button pressed."""
    page = page_of(name, store, **params)
    page.session_state[sharing.SHARE] = True
    page.run()
    assert not page.exception, page.exception[0].stack_trace
    return page


def view_of(page: AppTest) -> View:
    """Return what a page recorded."""
    body = page.session_state[recording._FILLED]
    return View(page.title[0].value, datetime(2026, 3, 2, 8, tzinfo=UTC), body=body)


def link_of(page: AppTest) -> dict[str, list[str]]:
    """Return what the link on a page says, by parameter."""
    link = next(code.value for code in page.code if "?" in code.value)
    return parse_qs(urlsplit(link).query, keep_blank_values=True)


def a_view(*items: object) -> View:
    return View("Jobs", datetime(2026, 3, 2, 8, tzinfo=UTC), body=Part(list(items)))  # type: ignore[arg-type]


def told(page: AppTest) -> list[str]:
    """Return the figures and the tables of a page, in words."""
    figures = [f"{metric.label}: {metric.value}" for metric in page.metric]
    return figures + [table.value.to_csv() for table in page.dataframe]


def without_scripts(html: str) -> str:
    return re.sub(r"(?s)<script[^>]*>.*?</script>", "", html)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_can_be_shared(name: str, demo_store: Store) -> None:
    page = shared(name, demo_store)
    labels = {button.proto.label for button in page.get("download_button")}
    assert "Standalone HTML" in labels
    if page.dataframe:
        assert {"CSV", "Parquet"} <= labels
        assert view_of(page).data()


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_page_can_be_shared(name: str, store: Store) -> None:
    page = shared(name, store)
    assert page_html(view_of(page), ADDRESS)


@pytest.mark.parametrize("name", PAGES)
def test_the_file_holds_what_is_on_the_page(name: str, demo_store: Store) -> None:
    page = run_page(name, demo_store)
    view = view_of(page)
    html = page_html(view, ADDRESS)
    said = without_scripts(html)
    assert f"<h1>{page.title[0].value}</h1>" in said
    for metric in page.metric:
        assert f'<span class="value">{metric.value}</span>' in said
    assert said.count("<table>") == len(page.dataframe)
    assert said.count('role="img"') == len(page.get("plotly_chart"))
    assert len(re.findall("<caption", said)) == len(page.dataframe)
    if name != "data":  # there, how to bring files in stays out
        assert said.count("<h2>") == len(page.header)


@pytest.mark.parametrize("name", PAGES)
def test_the_file_loads_nothing(name: str, demo_store: Store) -> None:
    html = without_scripts(page_html(view_of(run_page(name, demo_store)), ADDRESS))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy
    assert "default-src &#x27;none&#x27;" in policy[1]
    assert not re.search(r"(src|srcset|data|action)\s*=\s*[\"']?(https?:)?//", html)
    assert not re.search(r"@import|url\(|<(link|img|iframe|object|embed|base)\b", html)
    assert re.findall(r'href="([^"]*)"', html) == [ADDRESS]


def test_plotly_stands_in_the_file_once(demo_store: Store) -> None:
    html = page_html(view_of(run_page("warm_pools", demo_store)), ADDRESS)
    assert len(html.encode()) < 7_000_000
    assert len(re.findall(r"(?m)^<script>", html)) == 2


def test_hostile_names_are_text(store: Store, take: Take) -> None:
    names = [f"{HOSTILE}{number}" for number in range(3)]
    kept = {"KeepAlivePeriodInSeconds": 60}
    take(*(describe_job(name, created=at * 9000, ResourceConfig=kept, RoleArn=f"role/{HOSTILE}")
           for at, name in enumerate(names)))  # fmt: skip
    pools = run_page("warm_pools", store)
    key = next(t.value for t in pools.dataframe if "pool_key" in t.value)["pool_key"].iloc[0]
    page = run_page("warm_pools", store, pool=key)
    html = page_html(view_of(page), f"http://127.0.0.1/?x={HOSTILE}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert" not in html
    assert html.replace(get_plotlyjs(), "").count("<script") == 3


def test_every_kind_of_thing_is_escaped() -> None:
    rows = pd.DataFrame({"job_name": [HOSTILE], "job_count": [1]})
    figure = charts.figure(x_title=HOSTILE)
    figure.add_bar(x=[1], y=[HOSTILE])
    view = a_view(
        Setting(HOSTILE, HOSTILE),
        Heading(HOSTILE),
        Text(f"**{HOSTILE}** `{HOSTILE}`\n- {HOSTILE}"),
        Figures([Figure(HOSTILE, HOSTILE, HOSTILE)]),
        Chart(figure, HOSTILE),
        Table(rows, ["job_name", "job_count"], HOSTILE, HOSTILE, HOSTILE),
    )
    html = page_html(view, HOSTILE)
    assert "<script>alert" not in html
    assert "</table>\"'&" not in html
    assert html.count("</table>") - get_plotlyjs().count("</table>") == 1


def test_a_long_table_says_that_it_is_cut() -> None:
    rows = pd.DataFrame({"job_name": [f"job-{n}" for n in range(1500)]})
    html = page_html(a_view(Table(rows, ["job_name"], "Jobs", "jobs", "")), ADDRESS)
    assert "1,000 of 1,500 jobs shown." in html
    assert "job-999<" in html
    assert "job-1000<" not in html


def test_unknown_is_said_and_units_are_kept() -> None:
    rows = pd.DataFrame(
        {"hit_rate_ratio": [0.417, None], "wait_lost_s": [7200.0, None], "job_count": [1234, 1]}
    )
    html = page_html(a_view(Table(rows, list(rows), "Rates", "rows", "not known")), ADDRESS)
    for written in ("41.7 %", "Waiting lost (h)", ">2.0<", ">1,234<", ">not known<"):
        assert written in html
    assert "nan" not in html.split("<table>")[1].split("</table>")[0]


def test_dark_colours_go_back_to_light() -> None:
    figure = charts.figure()
    figure.add_bar(x=[1], y=[1], marker={"color": charts.INK["dark"]})
    written = _figure(Chart(figure, "Bars"))
    assert written["data"][0]["marker"]["color"] == charts.INK["light"]


def test_the_link_keeps_filters_and_choices(demo_store: Store) -> None:
    pools = run_page("warm_pools", demo_store)
    key = next(t.value for t in pools.dataframe if "pool_key" in t.value)["pool_key"].iloc[1]
    given = {"since": "2026-10-01", "until": "2026-10-31", "instance_type": "ml.p4d.24xlarge"}
    for name in ("overview", "warm_pools", "startup_latency"):
        page = shared(name, demo_store, **given)
        assert link_of(page) == {key: [value] for key, value in given.items()}
        assert told(run_page(name, demo_store, **link_of(page))) == told(page)  # type: ignore[arg-type]
    page = shared("warm_pools", demo_store, pool=key)
    assert link_of(page) == {"pool": [key]}
    assert told(run_page("warm_pools", demo_store, pool=key)) == told(page)


def test_the_link_of_keep_alive_keeps_every_choice(demo_store: Store) -> None:
    page = run_page("keep_alive", demo_store)
    page.session_state[sharing.SHARE] = True
    page.run()
    assert "pool" in link_of(page)  # also where it was not chosen
    given = {"value_usd_per_h": "100", "period_s": "300", "pool": "all"}
    page = shared("keep_alive", demo_store, **given)
    assert link_of(page) == {key: [value] for key, value in given.items()}
    settings = {setting.label: setting.value for setting in view_of(page).settings()}
    assert settings["Worth of an hour of waiting"] == "100 USD"
    assert settings["Pool"].startswith("All pools")


def test_a_fragment_replaces_what_it_recorded(demo_store: Store) -> None:
    page = run_page("keep_alive", demo_store)
    before = list(view_of(page).items())
    page.slider(key="value_usd_per_h").set_value(100.0).run()
    after = list(view_of(page).items())
    assert [type(item) for item in after] == [type(item) for item in before]
    assert Setting("Worth of an hour of waiting", "100 USD") in after
    assert Setting("Worth of an hour of waiting", "0 USD") not in after


def test_a_part_is_recorded_in_place_and_once() -> None:
    def script() -> None:
        import streamlit as st  # noqa: PLC0415

        from pages.kit import recording, text  # noqa: PLC0415

        @recording.fragment
        def middle(name: str) -> None:
            text.say(f"{name}: {st.number_input(name, value=0)}")

        recording.begin("Page", is_demo=False)
        text.say("first")
        middle("one")
        middle("two")
        text.say("last")

    page = AppTest.from_function(script).run()
    page.number_input[1].set_value(5).run()
    body = page.session_state[recording._FILLED]
    said = [item.markdown for item in View("", datetime.now(UTC), body=body).items()]  # type: ignore[union-attr]
    assert said == ["first", "one: 0", "two: 5", "last"]


def test_no_page_has_a_fragment_that_is_not_recorded() -> None:
    for path in (ROOT / "pages").glob("*.py"):
        assert "st.fragment" not in path.read_text(encoding="utf-8"), path.name


def test_the_zip_holds_all_rows_and_says_what_it_is() -> None:
    rows = pd.DataFrame({"job_name": ["=cmd()", "b"], "count": [1, 2]})
    view = a_view(Setting("Region", "us-east-1"), Data("jobs", lambda: rows))
    view.is_demo = True
    for ending, content in (
        ("csv", sharing.csv_zip(view, ADDRESS)),
        ("parquet", sharing.parquet_zip(view, ADDRESS)),
    ):
        packed = zipfile.ZipFile(io.BytesIO(content))
        assert packed.namelist() == ["about.txt", f"jobs.{ending}"]
        about = packed.read("about.txt").decode()
        for words in ("Jobs", "Region: us-east-1", "Demo: made-up jobs", ADDRESS, "2 Mar 2026"):
            assert words in about
        found = packed.read(f"jobs.{ending}")
        if ending == "csv":
            assert found == tables.csv_bytes(rows) == b"job_name,count\n'=cmd(),1\nb,2\n"
        else:
            pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(found)), rows)


def test_markdown_makes_no_links_and_no_html() -> None:
    assert html_of(r"a \[b\](http://x) <i>", is_quiet=True) == (
        '<p class="quiet">a [b](http://x) &lt;i&gt;</p>'
    )
    assert html_of("one\n- **two**\n- `<b>`\n\nthree  \nfour") == (
        "<p>one</p>\n<ul><li><strong>two</strong></li><li><code>&lt;b&gt;</code></li></ul>\n"
        "<p>three<br>four</p>"
    )
    assert text_of(":gray[:small[**a** b]]") == "a b"
