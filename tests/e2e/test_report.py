"""The report in a browser: nothing of it lies outside a phone's screen or a sheet of paper."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from analytics.query import Filters
from data.store.reader import Reader
from data.store.store import Store
from pages.kit.html.page import html_page
from pages.kit.report.content import report_view


@pytest.fixture(scope="module")
def report(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html_page(report_view(Reader(demo_store), Filters()), ""), encoding="utf-8")
    return path


# a phone; A4 less margins of 1 cm at 96 px an inch
@pytest.mark.parametrize(("media", "width"), [("screen", 390), ("print", 718)])
def test_nothing_lies_outside(
    browser: Browser, report: Path, media: Literal["screen", "print"], width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(report.as_uri())
    page.emulate_media(media=media)
    page.wait_for_function("document.querySelectorAll('.main-svg').length > 0")
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()
