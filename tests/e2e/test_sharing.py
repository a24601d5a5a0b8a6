"""Sharing in a browser: the link is copied and followed, and the HTML file works by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import SCHEMES, Scheme, Visit, Visiting
from tests.e2e.test_pages import violations

CHOICES = "value_usd_per_h=100&limit=6+h+%28API%29&first_s=300&since=2026-09-01"


@contextmanager
def file_opened(browser: Browser, path: Path, scheme: Scheme) -> Iterator[Page]:
    """Open a file without any network; at the end: it asked for nothing and did not complain."""
    context = browser.new_context(color_scheme=scheme, offline=True)
    requests, complaints = list[str](), list[str]()
    page = context.new_page()
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path.as_uri())
    yield page
    assert requests == [path.as_uri()]
    assert complaints == []
    context.close()


def download(visit: Visit, button: str, folder: Path) -> Path:
    """Press a button of the Share popover; return the file that it gave."""
    with visit.page.expect_download() as found:
        visit.page.get_by_test_id("stPopoverBody").get_by_role("button", name=button).click()
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return path


def open_share(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Share").click()
    visit.page.get_by_text("Link to this view").wait_for()
    visit.settle()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_share_is_usable_by_everyone(visiting: Visiting, demo: str, scheme: Scheme) -> None:
    with visiting(demo, scheme) as visit:
        visit.open("")
        open_share(visit)
        visit.photograph("share")
        assert violations(visit.page) == []


def test_share_fits_on_a_phone(visiting: Visiting, demo: str) -> None:
    with visiting(demo) as visit:
        visit.page.set_viewport_size({"width": 390, "height": 844})
        visit.open("startup-latency")
        open_share(visit)
        box = visit.page.get_by_test_id("stPopoverBody").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


def test_the_copied_link_shows_the_same_view(visiting: Visiting, demo: str) -> None:
    with visiting(demo) as visit:
        visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        visit.open(f"keep-alive?{CHOICES}", "Keep-alive")
        slider = visit.page.get_by_role("slider", name="Cost of delay (USD per hour)")
        slider.focus()
        visit.page.keyboard.press("ArrowRight")  # in a fragment: the page itself does not run
        visit.page.wait_for_url("**value_usd_per_h=105**")
        visit.settle()
        open_share(visit)
        body = visit.page.get_by_test_id("stPopoverBody")
        body.get_by_role("button", name="Copy to clipboard").click()
        link = visit.page.evaluate("navigator.clipboard.readText()")
        visit.page.keyboard.press("Escape")
        shown = visit.page.get_by_test_id("stMetric").all_inner_texts()
    given = parse_qs(urlsplit(link).query)
    assert given["value_usd_per_h"] == ["105"]
    assert {"limit", "first_s", "since", "pool"} <= set(given)
    with visiting(demo) as colleague:
        colleague.open(link.removeprefix(f"{demo}/"), "Keep-alive")
        found = colleague.page.get_by_test_id("stMetric").all_inner_texts()
        assert found == shown


@pytest.mark.parametrize("path", ["", "warm-pools"])
def test_the_html_file_works_without_network(
    visiting: Visiting, browser: Browser, demo: str, tmp_path: Path, path: str
) -> None:
    with visiting(demo) as visit:
        visit.open(path)
        charts = visit.page.get_by_test_id("stPlotlyChart").count()
        open_share(visit)
        saved = download(visit, "Standalone HTML", tmp_path)
    for scheme in SCHEMES:
        with file_opened(browser, saved, scheme) as page:
            expect(
                page.locator(".chart .main-svg").first if charts else page.locator("h1")
            ).to_be_visible()
            assert page.locator(".chart:has(.main-svg)").count() == charts
            assert page.get_by_role("table").count() > 0
            assert page.get_by_text("Demo: made-up jobs").is_visible()
            assert violations(page) == []


@pytest.mark.thorough
def test_the_html_file_follows_the_fragment(
    visiting: Visiting, browser: Browser, demo: str, tmp_path: Path
) -> None:
    with visiting(demo) as visit:
        visit.open(f"keep-alive?{CHOICES}", "Keep-alive")
        slider = visit.page.get_by_role("slider", name="Cost of delay (USD per hour)")
        slider.focus()
        visit.page.keyboard.press("ArrowRight")
        visit.page.wait_for_url("**value_usd_per_h=105**")
        visit.settle()
        open_share(visit)
        saved = download(visit, "Standalone HTML", tmp_path)
    with file_opened(browser, saved, "dark") as page:
        expect(page.get_by_text("105 USD", exact=True)).to_be_visible()
        assert "value_usd_per_h=105" in (page.get_by_role("link").get_attribute("href") or "")
        assert violations(page) == []


def test_the_data_comes_as_one_zip(visiting: Visiting, demo: str, tmp_path: Path) -> None:
    with visiting(demo) as visit:
        visit.open("warm-pools")
        open_share(visit)
        assert download(visit, "CSV", tmp_path).name.endswith("-csv.zip")
        assert download(visit, "Parquet", tmp_path).name.endswith("-parquet.zip")
