"""The SQL page: running a statement, links to one, what is refused, and an empty store."""

import importlib
import io
import re
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics.adhoc.statements import examples, run
from data.store.store import Store
from pages.kit import cache, tables
from pages.sql import result_cache
from tests.conftest import ask
from tests.pages.running import PAGES, page_of, run_page, texts

ROOT = Path(__file__).parents[2]


def rows_of(page: AppTest) -> pd.DataFrame:
    """Return the rows on screen: the second table, after the schema."""
    return page.dataframe[1].value


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


def test_a_link_runs_its_statement(demo_store: Store) -> None:
    page = run_page("sql", demo_store, sql="select 42 as answer")
    assert rows_of(page)["answer"].tolist() == [42]
    assert page.text_area[0].value == "select 42 as answer"


def test_an_example_runs_at_a_click(demo_store: Store) -> None:
    page = run_page("sql", demo_store)
    page.button[1].click().run()
    assert page.text_area[0].value == examples()[1].sql
    assert "startup_latency_s" in rows_of(page)


def test_a_link_to_a_question_brings_its_sql_with_the_filters(demo_store: Store) -> None:
    page = run_page("sql", demo_store, question="costs", set=["by=day"], since="2026-10-01",
                    region=["us-east-1"])  # fmt: skip
    statement = page.text_area[0].value
    assert "created_at >= timestamptz '2026-10-01 00:00:00+00:00'" in statement
    assert "'us-east-1'" in statement
    wanted = ask(
        demo_store, "costs",
        cache.Filters(since=pd.Timestamp("2026-10-01", tz="UTC").to_pydatetime(),
                      where=(("region", "us-east-1"),)), by="day",
    )  # fmt: skip
    assert rows_of(page)["total_usd"].tolist() == pytest.approx(wanted["total_usd"].tolist())
    assert "SQL of `costs`" in texts(page)


def test_what_python_adds_is_said(demo_store: Store) -> None:
    said = texts(run_page("sql", demo_store, question="startup_latency"))
    assert "Python names them" in said


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"sql": "delete from training_jobs"}, "Only SELECT runs here; this is DELETE."),
        ({"sql": "select nonsense from job_facts"}, "not found"),
        ({"question": "nonsense"}, "There is no question 'nonsense'."),
        ({"question": "costs", "set": ["by=nonsense"]}, "'by' cannot be 'nonsense'."),
    ],
)
def test_what_does_not_run_says_why_and_the_page_stays(
    demo_store: Store, params: dict[str, str], words: str
) -> None:
    page = run_page("sql", demo_store, **params)
    assert words in page.error[0].value.replace("\\", "")
    assert page.info[-1].value
    assert page.dataframe, "the tables are still there"


def test_more_rows_than_are_shown_are_said(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_cache, "MOST_ROWS", 10)
    page = run_page("sql", demo_store, sql="select * from range(11) -- capped")
    assert len(rows_of(page)) == 10
    assert "Capped at 10 rows" in page.info[-1].value


def test_every_kind_of_value_is_shown(demo_store: Store) -> None:
    page = run_page("sql", demo_store, sql="select * from training_jobs limit 20")
    assert len(rows_of(page)) == 20
    page = run_page("sql", demo_store, sql="select 1 as a, 2 as a, null as b, [1] as c, x'00' as d")
    assert len(rows_of(page).columns) == 5


def test_the_csv_has_lists_as_json_and_nothing_that_a_spreadsheet_runs(store: Store) -> None:
    rows = run(
        store,
        """select [timestamptz '2026-03-02 08:00Z'] as "=list", '=cmd()' as name, 1.5 as n""",
        most_rows=1,
    ).frame
    assert tables.csv_bytes(rows).decode() == (
        '\'=list,name,n\n"[""2026-03-02T08:00:00Z""]",\'=cmd(),1.5\n'
    )
    assert pd.read_parquet(io.BytesIO(tables.parquet_bytes(rows)))["n"].tolist() == [1.5]


def test_an_empty_store_still_shows_its_tables(store: Store) -> None:
    page = run_page("sql", store, sql="select count(*) as n from job_facts")
    assert "No jobs here yet" in texts(page)
    assert rows_of(page)["n"].tolist() == [0]


def test_the_statement_is_still_there_on_return(demo_store: Store) -> None:
    page = page_of("sql", demo_store, sql="select 7 as seven").run()
    page.query_params.clear()
    page.run()
    assert page.text_area[0].value == "select 7 as seven"
    assert page.query_params["sql"] == "select 7 as seven"


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ("sql", "data")])
def test_every_page_with_charts_shows_their_sql(name: str) -> None:
    source = (ROOT / "pages" / name / "page.py").read_text(encoding="utf-8")
    if "charts.draw(" in source:
        assert "links.sql(" in source
    assert importlib.import_module(f"pages.{name}.page").TITLE
