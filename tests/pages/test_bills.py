"""The page Bills: what it says of a known bill, its empty state, its choices and its chart."""

import plotly.graph_objects as go
import pytest

from data.ingest.pipeline import ingest
from data.raw.inputs import uploaded
from data.store.store import Store
from pages.kit.blocks import Chart, Table
from tests.bills import line, take_bill
from tests.conftest import describe_job, lines
from tests.pages.running import collected_view, run_page, shown_view, texts


def test_without_a_bill_it_says_what_to_import(store: Store) -> None:
    said = texts(run_page("bills", store))
    assert "No bill yet" in said
    assert "stoker ingest" in said
    assert "look around first" in said


def test_it_names_the_days_that_nothing_explains_largest_first(demo_store: Store) -> None:
    page = run_page("bills", demo_store)
    said = texts(page)
    assert "of the bill is not explained" in said
    assert "10 Nov 2026 (**339 USD**), 14 Nov 2026 (**-38.83 USD**)" in said
    assert "45 days" in said
    assert "Unexplained (USD)" in said
    table = next(one.value for one in page.dataframe if "explanation" in one.value)
    assert len(table) == 46  # of the months with a bill; the newest day has none yet


def test_a_link_chooses_month_account_and_amount(demo_store: Store) -> None:
    given = {"period": "2026-11", "account": "123456789012", "amount": "on_demand"}
    page = run_page("bills", demo_store, **given)
    assert "14 days" in texts(page)
    table = next(one.value for one in page.dataframe if "explanation" in one.value)
    # at on-demand prices there is no discount, and volumes are left
    odd = table[table["unexplained_usd"].abs() > 0.01]["difference_usd"]
    plain = table.drop(odd.index).dropna(subset=["difference_usd"])
    assert plain["difference_usd"].tolist() == pytest.approx(plain["billed_storage_usd"].tolist())
    ignored = texts(run_page("bills", demo_store, period="1999-01", amount="x"))
    assert "45 days" in ignored


def test_the_chart_has_a_gap_where_no_bill_is_known(store: Store) -> None:
    jobs = [describe_job(f"j{day}", created=day * 86_400) for day in range(4)]
    ingest(store, uploaded("jobs.jsonl", lines(*jobs)))
    take_bill(store, line(1.0), line(2.0, day="2026-03-03"))
    view = collected_view("bills", store)
    blocks = list(view.blocks())
    figure = next(block.figure for block in blocks if isinstance(block, Chart))
    billed = next(trace for trace in figure.data if isinstance(trace, go.Scatter))
    assert [None if value != value else value for value in billed.y] == [1.0, 2.0, None, None]
    assert next(block for block in blocks if isinstance(block, Table)).alt.startswith("Each day")


def test_with_and_without_a_session_the_page_shows_the_same(demo_store: Store) -> None:
    page = run_page("bills", demo_store)
    shown, collected = shown_view(page), collected_view("bills", demo_store)
    kinds = [type(block).__name__ for block in collected.body.blocks]
    assert [type(block).__name__ for block in shown.body.blocks] == kinds
    assert {"Chart", "Table", "Kpis"} <= set(kinds)
