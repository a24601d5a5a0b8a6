"""Sharing: the link, the data and the HTML file of every page hold what is on screen."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from plotly.offline import get_plotlyjs
from streamlit.testing.v1 import AppTest

from data.ingest.pipeline import ImportResult
from data.store.store import Store
from data.tables.columns import COLUMNS
from pages.kit import charts, sharing, streamlit_tables
from pages.kit.blocks import (
    Block,
    Chart,
    Code,
    Download,
    Group,
    Heading,
    Kpi,
    Kpis,
    Notice,
    Part,
    PlainTable,
    Setting,
    Table,
    Text,
    View,
)
from pages.kit.downloads import FORMS
from pages.kit.html.markdown import html_of, text_of
from pages.kit.html.page import _figure, html_page
from pages.kit.html.tables import table_text
from tests.conftest import describe_job
from tests.pages.running import (
    PAGES,
    linked_names,
    page_of,
    run_page,
    seen_page,
    shown_view,
)

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


def link_of(page: AppTest) -> dict[str, list[str]]:
    """Return what the link on a page says, by parameter."""
    link = next(code.value for code in page.code if "?" in code.value)
    return parse_qs(urlsplit(link).query, keep_blank_values=True)


def a_view(*blocks: Block) -> View:
    return View("Jobs", datetime(2026, 3, 2, 8, tzinfo=UTC), body=Part(list(blocks)))


def a_table(rows: pd.DataFrame, *texts: str) -> Table:
    """Return a table of all columns; texts: alt, what, placeholder."""
    return Table(rows, [COLUMNS[name] for name in rows.columns], *texts)


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
        assert shown_view(page).downloads()


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_page_can_be_shared(name: str, empty_store: Store) -> None:
    page = shared(name, empty_store)
    assert html_page(shown_view(page), ADDRESS)


@pytest.mark.parametrize("name", PAGES)
def test_the_file_holds_what_is_on_the_page(name: str, demo_store: Store) -> None:
    page = seen_page(name, demo_store)
    view = shown_view(page)
    html = html_page(view, ADDRESS)
    said = without_scripts(html)
    assert f"<h1>{page.title[0].value}</h1>" in said
    for metric in page.metric:
        assert f'<span class="value">{metric.value}</span>' in said
    assert said.count('role="img"') == len(page.get("plotly_chart"))
    tables = [one for one in page.dataframe if not one.proto.editing_mode]  # not those of a form
    assert len(re.findall("<caption", said)) == len(tables)
    if name != "data":  # there, how to import files stays out
        assert said.count("<h2>") == len(page.header)


@pytest.mark.parametrize("name", PAGES)
def test_the_file_loads_nothing(name: str, demo_store: Store) -> None:
    html = without_scripts(html_page(shown_view(seen_page(name, demo_store)), ADDRESS))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy
    assert "default-src 'none'" in unescape(policy[1])
    assert not re.search(r"(src|srcset|data|action)\s*=\s*[\"']?(https?:)?//", html)
    assert not re.search(r"@import|url\(|<(link|img|iframe|object|embed|base)\b", html)
    assert re.findall(r'href="([^"]*)"', html) == [ADDRESS]


def test_plotly_stands_in_the_file_once(demo_store: Store) -> None:
    html = html_page(shown_view(run_page("warm_pools", demo_store)), ADDRESS)
    assert len(html.encode()) < 7_000_000
    assert len(re.findall(r"(?m)^<script>", html)) == 2


def test_hostile_names_are_text(store: Store, take: Take) -> None:
    names = [f"{HOSTILE}{number}" for number in range(3)]
    kept = {"KeepAlivePeriodInSeconds": 60}
    take(*(describe_job(name, created=at * 9000, ResourceConfig=kept, RoleArn=f"role/{HOSTILE}")
           for at, name in enumerate(names)))  # fmt: skip
    pools = run_page("warm_pools", store)
    named = next(t.value for t in pools.dataframe if "pool_key" in t.value)
    key = linked_names(named["pool_key"])[0]
    page = run_page("warm_pools", store, pool=key)
    html = html_page(shown_view(page), f"http://127.0.0.1/?x={HOSTILE}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert" not in html
    assert html.replace(get_plotlyjs(), "").count("<script") == 3


def test_every_kind_of_thing_is_escaped() -> None:
    rows = pd.DataFrame({"job_name": [HOSTILE], "example_job_name": [HOSTILE]})
    figure = charts.figure(x_title=HOSTILE)
    figure.add_bar(x=[1], y=[HOSTILE])
    view = a_view(
        Setting(HOSTILE, HOSTILE),
        Heading(HOSTILE, 2),
        Text(f"**{HOSTILE}** `{HOSTILE}`\n- {HOSTILE}"),
        Notice(HOSTILE),
        Code(HOSTILE),
        Kpis([Kpi(HOSTILE, HOSTILE, HOSTILE)]),
        Chart(charts.painted(figure, "light"), HOSTILE),
        a_table(rows, HOSTILE, HOSTILE, HOSTILE),
        PlainTable(pd.DataFrame({HOSTILE: [HOSTILE]}), HOSTILE),
        Group("expander", (Part([Text(HOSTILE)]),), (HOSTILE,)),
    )
    html = html_page(view, HOSTILE)
    assert "<script>alert" not in html
    assert "</table>\"'&" not in html
    assert html.count("</table>") - get_plotlyjs().count("</table>") == 2


def test_a_long_table_says_that_it_is_cut() -> None:
    rows = pd.DataFrame({"job_name": [f"job-{n}" for n in range(1500)]})
    html = html_page(a_view(a_table(rows, "Jobs", "jobs", "")), ADDRESS)
    assert "1,000 of 1,500 jobs shown." in html
    assert "job-999<" in html
    assert "job-1000<" not in html


def test_unknown_is_said_and_units_are_kept() -> None:
    rows = pd.DataFrame(
        {"hit_rate_ratio": [0.417, None], "wait_lost_s": [7200.0, None], "job_count": [1234, 1]}
    )
    html = html_page(a_view(a_table(rows, "Rates", "rows", "not known")), ADDRESS)
    for written in ("41.7 %", COLUMNS["wait_lost_s"].heading, ">2.00<", ">1,234<", ">not known<"):
        assert written in html
    assert "nan" not in html.split("<table>")[1].split("</table>")[0]


@pytest.mark.parametrize(
    ("waits_s", "unit", "shown"),
    [([40.0, -0.004], "(s)", ["40.0", "0.0"]), ([5400.0, 40.0], "(min)", ["90.0", "0.7"]),
     ([90_000.0, -7.0], "(h)", ["25.00", "0.00"])],
)  # fmt: skip
def test_waits_have_the_unit_of_the_longest_and_0_has_no_sign(
    waits_s: list[float], unit: str, shown: list[str]
) -> None:
    """In the file as on the screen."""
    table = a_table(pd.DataFrame({"queue_wait_p90_s": waits_s}), "Waits", "rows", "")
    written = table_text(table)
    assert unit in written.columns[0].heading
    assert [cell for (cell,) in written.rows] == shown
    config = streamlit_tables._config(table)["queue_wait_p90_s"]
    on_screen = streamlit_tables._shown_rows(table)["queue_wait_p90_s"]
    assert unit in config["label"]
    digits = len(shown[0].partition(".")[2])
    assert [f"{value:.{digits}f}" for value in on_screen] == shown


def test_dark_colours_go_back_to_light() -> None:
    figure = charts.figure()
    figure.add_bar(x=[1], y=[1], marker={"color": charts.INK["dark"]})
    written = _figure(Chart(charts.painted(figure, "dark"), "Bars"))
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


@pytest.mark.thorough
def test_the_link_of_keep_alive_keeps_every_choice(demo_store: Store) -> None:
    page = run_page("keep_alive", demo_store)
    page.session_state[sharing.SHARE] = True
    page.run()
    assert "pool" in link_of(page)  # also where it was not chosen
    given = {"value_usd_per_h": "100", "period_s": "300", "pool": "all"}
    page = shared("keep_alive", demo_store, **given)
    assert link_of(page) == {key: [value] for key, value in given.items()}
    settings = {setting.label: setting.value for setting in shown_view(page).settings()}
    assert settings["Cost of delay (USD per hour)"] == "100 USD"
    assert settings["Pool"].startswith("All pools")


def test_a_fragment_replaces_what_it_recorded(demo_store: Store) -> None:
    page = run_page("keep_alive", demo_store)
    before = list(shown_view(page).blocks())
    page.slider(key="value_usd_per_h").set_value(100.0).run()
    after = list(shown_view(page).blocks())
    assert [type(block) for block in after] == [type(block) for block in before]
    settings = [block for block in after if isinstance(block, Setting)]
    assert Setting("Cost of delay (USD per hour)", "100 USD") in settings
    assert Setting("Cost of delay (USD per hour)", "0 USD") not in settings


def test_a_fragment_is_recorded_in_place_and_once(store: Store) -> None:
    def script(store):  # type: ignore[no-untyped-def]
        import streamlit as st  # noqa: PLC0415

        from data.store.reader import Reader  # noqa: PLC0415
        from pages.kit.canvas import Canvas  # noqa: PLC0415
        from pages.kit.streamlit_canvas import StreamlitCanvas, UrlParams  # noqa: PLC0415

        def middle(canvas: Canvas, name: str) -> None:
            canvas.text(f"{name}: {canvas.number(name, key=name)}")

        canvas = StreamlitCanvas.begin("page", Reader(store), UrlParams())
        canvas.text("first")
        canvas.fragment(middle, "one")
        canvas.columns(1)[0].fragment(middle, "two")
        canvas.text("last")
        st.session_state["view_of_the_test"] = canvas.view

    page = AppTest.from_function(script, args=(store,)).run()
    page.number_input[1].set_value(5).run()
    assert not page.exception
    said = [block.markdown for block in shown_view(page).blocks() if isinstance(block, Text)]
    assert said == ["first", "one: None", "two: 5", "last"]


def test_no_page_draws_past_the_canvas() -> None:
    """Only what a screen alone can do is drawn with Streamlit itself, and imported when it is."""
    with_streamlit = {
        str(path.relative_to(ROOT / "pages"))
        for path in (ROOT / "pages").rglob("*.py")
        if re.search(r"(?m)^\s*(import|from) streamlit", path.read_text(encoding="utf-8"))
    }
    assert with_streamlit == {
        "data/mapping_form.py",
        "data/uploads.py",
        "kit/sharing.py",
        "kit/streamlit_canvas.py",
        "kit/streamlit_controls.py",
        "kit/streamlit_tables.py",
        "data/account_form.py",
        "advice/decisions.py",
        "data/forgetting.py",
        "data/sync_panel.py",
        "price_performance/run_form.py",
        "share_replay/form.py",
        "sql/editor.py",
    }


def test_the_zip_holds_all_rows_and_says_what_it_is() -> None:
    rows = pd.DataFrame({"job_name": ["=cmd()", "b"], "count": [1, 2]})
    view = a_view(Setting("Region", "us-east-1"), Download("jobs", lambda: rows))
    view.is_demo = True
    for form in FORMS:
        packed = zipfile.ZipFile(io.BytesIO(sharing.zipped(view, ADDRESS, form)))
        assert packed.namelist() == ["about.txt", f"jobs.{form.ending}"]
        about = packed.read("about.txt").decode()
        for words in ("Jobs", "Region: us-east-1", "Demo: made-up jobs", ADDRESS, "2 Mar 2026"):
            assert words in about
        found = packed.read(f"jobs.{form.ending}")
        assert found == form.write(rows)
        if form.ending == "csv":
            assert found == b"job_name,count\n'=cmd(),1\nb,2\n"
        else:
            pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(found)), rows)


def test_markdown_makes_no_links_and_no_html() -> None:
    assert html_of(r"a \[b\](http://x) <i>", is_quiet=True) == (
        '<p class="quiet">a [b](http://x) &lt;i&gt;</p>'
    )
    assert html_of("one\n- **two**\n- `<b>`\n\nthree  \nfour").replace("\n", "") == (
        "<p>one</p><ul><li><strong>two</strong></li><li><code>&lt;b&gt;</code></li></ul>"
        "<p>three<br>four</p>"
    )
    assert text_of(":gray[:small[**a** b]]") == "a b"


@pytest.mark.parametrize(
    "hostile",
    [
        "[a](https://evil.example)",
        "![a](https://evil.example/a.png)",
        "<https://evil.example>",
        "[a]: https://evil.example\n\n[a]",
        "<img src=x onerror=alert(1)>",
        "<!-- a -->",
        ":red[[a](https://evil.example)]",
        "- [a](javascript:alert(1))",
        "| a |\n| - |\n| [a](https://evil.example) <b> |",
    ],
)
def test_what_looks_like_a_link_or_html_stays_text(hostile: str) -> None:
    html = html_of(hostile)
    assert "<a" not in html
    assert "<img" not in html
    assert "<b>" not in html
    assert "<!--" not in html


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        (r":blue[a \] b] c", "a ] b c"),
        (":blue[a [b] c]", "a [b] c"),
        (":blue[open", ":blue[open"),
        (":material/check: done", ":material/check: done"),
        ("10:30 [UTC]", "10:30 [UTC]"),
    ],
)
def test_directives_of_streamlit_leave_their_words(markdown: str, text: str) -> None:
    assert text_of(markdown) == text
