"""From a chart to its SQL, in a browser: the statement, Run, its rows, and the way back."""

from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlparse

from playwright.sync_api import expect

from pages.kit.catalog import page_named
from tests.app.dashboard import running_dashboard
from tests.e2e.conftest import Visiting

OVERVIEW, SQL = (page_named(name).page.title for name in ("overview", "sql"))
WAITS = "has not run yet"


def test_a_chart_shows_its_sql_which_runs_and_can_be_changed(visiting: Visiting, demo: str) -> None:
    with visiting(demo) as visit:
        visit.open("?region=us-east-1", OVERVIEW)
        visit.page.get_by_role("link", name="Show the SQL").nth(1).click()
        visit.page.get_by_role("heading", name=SQL, level=1, exact=True).wait_for()
        visit.settle()
        editor = visit.page.get_by_role("textbox", name="SELECT")
        assert "'us-east-1'" in editor.input_value()
        expect(visit.page.get_by_text(WAITS)).to_be_visible()
        assert visit.page.get_by_text("rows in").count() == 0
        visit.page.get_by_role("button", name="Run").click()
        expect(visit.page.get_by_text("rows in")).to_be_visible()
        assert visit.page.get_by_text(WAITS).count() == 0

        expect(editor).to_have_count(1)  # the page before the answer fades out
        editor.fill("select 42 as answer")
        editor.press("Control+Enter")
        expect(visit.page.get_by_text("1 row in")).to_be_visible()
        assert parse_qs(urlparse(visit.page.url).query)["sql"] == ["select 42 as answer"]

        expect(editor).to_have_count(1)
        editor.fill("select 43 as not_yet_run")
        visit.page.get_by_role("combobox").click()
        visit.page.keyboard.type("prices")  # the list is long, and only what is in sight is there
        visit.page.get_by_role("option", name="prices", exact=True).click()
        visit.settle()
        assert editor.input_value() == "select 43 as not_yet_run"

        visit.page.get_by_role("link", name=OVERVIEW).click()
        visit.page.get_by_role("heading", name=OVERVIEW, level=1, exact=True).wait_for()
        visit.settle()
        assert parse_qs(urlparse(visit.page.url).query)["region"] == ["us-east-1"]


# DuckDB gives up on it where nothing bounds it
KILLER = (
    f"select concat_ws(repeat('a',100000000),{','.join(['job_name'] * 45)}) from job_facts limit 10"
)


def test_a_link_from_anywhere_runs_nothing(visiting: Visiting, demo: str) -> None:
    with visiting(demo) as visit:
        visit.open(f"sql?{urlencode({'sql': KILLER})}", SQL)
        editor = visit.page.get_by_role("textbox", name="SELECT")
        assert editor.input_value() == KILLER
        expect(visit.page.get_by_text(WAITS)).to_be_visible()
        visit.page.reload()
        visit.settle()
        expect(visit.page.get_by_text(WAITS)).to_be_visible()
        visit.open("", OVERVIEW)
        assert visit.page.locator('[data-testid="stException"]').count() == 0


def test_a_killer_that_somebody_runs_leaves_a_dashboard_that_answers(
    visiting: Visiting, tmp_path: Path
) -> None:
    with running_dashboard(tmp_path, "--demo") as running, visiting(running.address) as visit:
        visit.open(f"sql?{urlencode({'sql': KILLER})}", SQL)
        visit.page.get_by_role("button", name="Run").click()
        expect(visit.page.get_by_text(WAITS)).to_have_count(0)
        visit.settle()
        visit.open(f"sql?{urlencode({'sql': 'select 42 as answer'})}", SQL)
        visit.page.get_by_role("button", name="Run").click()
        expect(visit.page.get_by_text("1 row in")).to_be_visible()
