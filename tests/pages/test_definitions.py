"""The Definitions page: metrics, columns, prices, and the search over all of them."""

from pathlib import Path

from data.store.store import Store
from pages.kit.metric_docs import metric_docs
from tests.pages.running import run_page, texts


def test_every_column_of_the_store_is_there(store: Store) -> None:
    columns = run_page("definitions", store).dataframe[0].value
    assert len(columns) > 100
    assert columns["comment"].notna().all()


def test_search_narrows_everything(store: Store) -> None:
    page = run_page("definitions", store, search="ml.p4d.24xlarge")
    prices = next(table.value for table in page.dataframe if "component" in table.value)
    types = next(table.value for table in page.dataframe if "vcpu_count" in table.value)
    assert set(prices["instance_type"]) == {"ml.p4d.24xlarge"}
    assert types["instance_type"].tolist() == ["ml.p4d.24xlarge"]


def test_a_link_opens_its_metric(store: Store) -> None:
    page = run_page("definitions", store, metric="hit_rate_ratio")
    assert page.expander[0].label.startswith("Warm pool hit rate")
    assert page.expander[0].proto.expanded


def test_a_link_to_a_metric_that_is_not_there_says_so(store: Store) -> None:
    assert "no page on luck" in texts(run_page("definitions", store, metric="luck"))


def test_metric_pages_lose_headings_and_file_links(tmp_path: Path) -> None:
    (tmp_path / "luck.md").write_text(
        "# Luck\n\n## Definition\n\nJobs in [since, until), see [hits](hits.md).\n"
        "Costs $1 ([AWS](https://aws.example)).\n"
    )
    (doc,) = metric_docs(tmp_path)
    assert doc.title == "Luck"
    assert doc.body == (
        "**Definition**\n\nJobs in [since, until), see hits.\n"
        "Costs \\$1 ([AWS](https://aws.example))."
    )
