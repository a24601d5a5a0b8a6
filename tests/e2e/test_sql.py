"""From a chart to its SQL, in a browser: the statement, its rows, a change, and the way back."""

from urllib.parse import parse_qs, urlparse

from playwright.sync_api import expect

from pages.overview import page as overview
from pages.sql import page as sql
from tests.e2e.conftest import Visiting


def test_a_chart_shows_its_sql_which_runs_and_can_be_changed(visiting: Visiting, demo: str) -> None:
    with visiting(demo) as visit:
        visit.open("?region=us-east-1", overview.TITLE)
        visit.page.get_by_role("link", name="Show the SQL").first.click()
        visit.page.get_by_role("heading", name=sql.TITLE, level=1, exact=True).wait_for()
        visit.settle()
        editor = visit.page.get_by_role("textbox", name="SELECT")
        assert "'us-east-1'" in editor.input_value()
        expect(visit.page.get_by_text("rows in")).to_be_visible()

        editor.fill("select 42 as answer")
        editor.press("Control+Enter")
        expect(visit.page.get_by_text("1 row in")).to_be_visible()
        assert parse_qs(urlparse(visit.page.url).query)["sql"] == ["select 42 as answer"]

        editor.fill("select 43 as not_yet_run")
        visit.page.get_by_role("combobox").click()
        visit.page.get_by_role("option", name="prices").click()
        visit.settle()
        assert editor.input_value() == "select 43 as not_yet_run"

        visit.page.get_by_role("link", name=overview.TITLE).click()
        visit.page.get_by_role("heading", name=overview.TITLE, level=1, exact=True).wait_for()
        visit.settle()
        assert parse_qs(urlparse(visit.page.url).query)["region"] == ["us-east-1"]
