"""The SQL page: running a statement, links to one, what is refused, and an empty store."""

import io
import re

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from analytics.adhoc.statements import examples, run
from analytics.query import Filters
from data.errors import StokerError
from data.serialize.rows import as_bytes
from data.store.store import Store
from pages.kit.blocks import Chart, Link
from pages.sql import page as sql_page
from tests.conftest import ask
from tests.pages.running import PAGES, collected_view, page_of, run_page, texts


def rows_of(page: AppTest) -> pd.DataFrame:
    """Return the rows on screen: the second table, after the schema."""
    return page.dataframe[1].value


def ran_page(store: Store, sql: str) -> AppTest:
    """Return the page after somebody pressed Run on the statement of a link."""
    page = run_page("sql", store, sql=sql)
    run_button(page).click().run()
    assert not page.exception, page.exception[0].stack_trace
    return page


def test_it_opens_with_an_example_that_has_not_run(demo_store: Store) -> None:
    page = run_page("sql", demo_store)
    assert page.text_area[0].value == examples()[0].sql
    assert len(page.dataframe) == 1
    assert "comment" in page.dataframe[0].value


def test_run_shows_rows_time_and_a_link(demo_store: Store) -> None:
    page = run_page("sql", demo_store)
    page.text_area[0].set_value("select status, count(*) as n from job_facts group by all")
    page.button[len(examples())].click().run()
    assert not page.exception
    assert list(rows_of(page).columns) == ["status", "n"]
    assert re.search(r"4 rows in \d\.\d\d s", texts(page))
    assert page.query_params["sql"] == "select status, count(*) as n from job_facts group by all"


def run_button(page: AppTest) -> Button:
    return next(button for button in page.button if button.label == "Run")


WAITS = "has not run yet"


def test_a_link_shows_its_statement_which_waits_for_a_click(demo_store: Store) -> None:
    page = run_page("sql", demo_store, sql="select 42 as answer")
    assert page.text_area[0].value == "select 42 as answer"
    assert len(page.dataframe) == 1, "the tables, and no rows"
    assert WAITS in texts(page)
    run_button(page).click().run()
    assert rows_of(page)["answer"].tolist() == [42]
    assert WAITS not in texts(page)
    assert page.query_params["sql"] == "select 42 as answer"


def test_a_statement_of_a_link_runs_nothing_whatever_it_is(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(sql_page, "run", lambda _, sql, **__: ran.append(sql))
    page = run_page("sql", demo_store, sql="select length(repeat('x', 5000000000))")
    page.selectbox(key="table").set_value("prices").run()
    page.query_params["sql"] = "select 2"
    page.run()
    assert page.text_area[0].value == "select 2"
    assert WAITS in texts(page)
    assert ran == []


def test_another_link_hides_the_rows_of_the_statement_before(demo_store: Store) -> None:
    page = run_page("sql", demo_store, sql="select 1 as one")
    run_button(page).click().run()
    assert rows_of(page)["one"].tolist() == [1]
    page.query_params["sql"] = "select 2 as two"
    page.run()
    assert len(page.dataframe) == 1
    assert WAITS in texts(page)


def test_an_example_runs_at_a_click(demo_store: Store) -> None:
    page = run_page("sql", demo_store)
    page.button[1].click().run()
    assert page.text_area[0].value == examples()[1].sql
    assert "startup_latency_s" in rows_of(page)


def test_a_link_to_a_query_brings_its_sql_with_the_filters(demo_store: Store) -> None:
    page = run_page("sql", demo_store, query="costs", set=["by=day"], since="2026-10-01",
                    region=["us-east-1"])  # fmt: skip
    assert WAITS in texts(page)
    run_button(page).click().run()
    statement = page.text_area[0].value
    assert "created_at >= timestamptz '2026-10-01 00:00:00+00:00'" in statement
    assert "'us-east-1'" in statement
    wanted = ask(
        demo_store, "costs",
        Filters(since=pd.Timestamp("2026-10-01", tz="UTC").to_pydatetime(),
                      where=(("region", "us-east-1"),)), by="day",
    )  # fmt: skip
    assert rows_of(page)["total_usd"].tolist() == pytest.approx(wanted["total_usd"].tolist())
    assert "SQL of the query `costs`" in texts(page)


def test_what_python_adds_is_said(demo_store: Store) -> None:
    said = texts(run_page("sql", demo_store, query="startup_latency"))
    assert "Python names them" in said


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"sql": "delete from training_jobs"}, "Only SELECT runs here; this is DELETE."),
        ({"sql": "select nonsense from job_facts"}, "not found"),
        ({"query": "nonsense"}, "There is no question 'nonsense'."),
        ({"query": "costs", "set": ["by=nonsense"]}, "'by' cannot be 'nonsense'."),
    ],
)
def test_what_does_not_run_says_why_and_the_page_stays(
    demo_store: Store, params: dict[str, str], words: str
) -> None:
    page = run_page("sql", demo_store, **params)
    if "sql" in params:
        run_button(page).click().run()
    assert words in page.error[0].value.replace("\\", "")
    assert page.info[-1].value
    assert page.dataframe, "the tables are still there"


def test_more_rows_than_are_shown_are_said(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_page, "MOST_ROWS", 10)
    page = ran_page(demo_store, "select * from range(11) -- capped")
    assert len(rows_of(page)) == 10
    assert "Only the first 10 rows are shown" in page.info[-1].value


def test_every_kind_of_value_is_shown(demo_store: Store) -> None:
    page = ran_page(demo_store, "select * from training_jobs limit 20")
    assert len(rows_of(page)) == 20
    page = ran_page(demo_store, "select 1 as a, 2 as a, null as b, [1] as c, x'00' as d")
    assert len(rows_of(page).columns) == 5


def test_the_csv_has_lists_as_json_and_nothing_that_a_spreadsheet_runs(store: Store) -> None:
    rows = run(
        store,
        """select [timestamptz '2026-03-02 08:00Z'] as "=list", '=cmd()' as name, 1.5 as n""",
        most_rows=1,
    ).frame
    assert as_bytes(rows, "csv").decode() == (
        '\'=list,name,n\n"[""2026-03-02T08:00:00Z""]",\'=cmd(),1.5\n'
    )
    assert pd.read_parquet(io.BytesIO(as_bytes(rows, "parquet")))["n"].tolist() == [1.5]


def test_an_empty_store_still_shows_its_tables(store: Store) -> None:
    page = ran_page(store, "select count(*) as n from job_facts")
    assert "No jobs yet" in texts(page)
    assert rows_of(page)["n"].tolist() == [0]


def test_the_statement_is_still_there_on_return(demo_store: Store) -> None:
    page = page_of("sql", demo_store, sql="select 7 as seven").run()
    page.query_params.clear()
    page.run()
    assert page.text_area[0].value == "select 7 as seven"
    assert page.query_params["sql"] == "select 7 as seven"


def test_a_statement_that_fails_is_not_run_again_by_another_control(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    def fail(_: object, sql: str, **__: object) -> None:
        ran.append(sql)
        raise StokerError("It took too long.", next_action="Ask for less.")

    monkeypatch.setattr(sql_page, "run", fail)
    page = ran_page(demo_store, "select 'slow' as word")
    assert "It took too long" in page.error[0].value
    page.selectbox(key="table").set_value("prices").run()
    assert "It took too long" in page.error[0].value
    assert len(ran) == 1


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ("sql", "data")])
def test_every_page_with_charts_shows_their_sql(name: str, demo_store: Store) -> None:
    blocks = list(collected_view(name, demo_store).blocks())
    links = [block for block in blocks if isinstance(block, Link) and block.page == "sql"]
    assert links or not any(isinstance(block, Chart) for block in blocks)
    assert all(block.params["query"] for block in links)
