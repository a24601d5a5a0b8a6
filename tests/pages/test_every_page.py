"""What holds for every page: it declares itself, empty and demo stores, names of columns."""

from typing import Any

import plotly.graph_objects as go
import pytest

from analytics.query import Query
from data.store.reader import Reader
from data.store.store import Store
from pages.kit import cache
from pages.kit.blocks import Chart
from pages.kit.catalog import page_named, pages
from pages.kit.warmup import warm_up
from tests.pages.running import (
    PAGES,
    collected_view,
    page_of,
    run_page,
    seen_page,
    seen_view,
    texts,
)

# figures that are seen once something is chosen
CHOSEN = (
    ("keep_alive", {"view": "Frontier"}),
    ("overview", {"by": "user_name"}),
    ("pool_timeline", {"period_s": "600"}),
    ("utilization", {"job": "AWSBatchdemo-platform-02456a1d7b7a008331ea1c6375b832ac7ad9"}),
    ("jobs", {"job": "AWSBatchdemo-platform-02456a1d7b7a008331ea1c6375b832ac7ad9"}),
)
NEEDS_JOBS = (
    "overview",
    "warm_pools",
    "startup_latency",
    "keep_alive",
    "pool_timeline",
    "jobs",
    "utilization",
)


@pytest.mark.parametrize("name", PAGES)
def test_page_declares_itself(name: str) -> None:
    entry = page_named(name)
    assert callable(entry.render)
    assert entry.page.lead.endswith(".")
    assert entry.page.icon.startswith(":material/")
    module = __import__(f"pages.{name}.page", fromlist=["page"])
    assert module.__doc__.startswith(f"{entry.page.title}: ")


def test_no_two_pages_share_a_place_or_a_title() -> None:
    found = [entry.page for entry in pages()]
    assert len({page.position for page in found}) == len(found)
    assert len({page.title for page in found}) == len(found)
    assert [page.position for page in found] == sorted(page.position for page in found)


@pytest.mark.parametrize("name", PAGES)
def test_page_renders_on_the_demo(name: str, demo_store: Store) -> None:
    page = seen_page(name, demo_store)
    assert page.title[0].value == page_named(name).page.title
    assert page_named(name).page.lead in texts(page)
    assert not page.error


@pytest.mark.parametrize("name", PAGES)
def test_figures_pass_the_checks_of_plotly(name: str, demo_store: Store) -> None:
    """They are drawn as plain values, which nothing checks when a page is shown."""
    for block in seen_view(name, demo_store).blocks():
        if isinstance(block, Chart):
            go.Figure(block.figure.to_plotly_json())


@pytest.mark.every_case
@pytest.mark.parametrize(("name", "chosen"), CHOSEN)
def test_chosen_figures_pass_them_too(name: str, chosen: dict[str, str], demo_store: Store) -> None:
    found = collected_view(name, demo_store, **chosen)
    figures = [block.figure for block in found.blocks() if isinstance(block, Chart)]
    assert figures
    for figure in figures:
        go.Figure(figure.to_plotly_json())


@pytest.mark.parametrize("name", PAGES)
def test_page_renders_on_an_empty_store(name: str, empty_store: Store) -> None:
    page = seen_page(name, empty_store)
    assert not page.error


@pytest.mark.parametrize("name", NEEDS_JOBS)
def test_an_empty_page_says_why_and_what_to_do(name: str, empty_store: Store) -> None:
    said = texts(seen_page(name, empty_store))
    assert "No jobs yet" in said
    assert "stoker sync" in said
    assert "look around first" in said


@pytest.mark.parametrize("name", NEEDS_JOBS)
def test_nothing_says_nan_or_none(name: str, demo_store: Store) -> None:
    said = texts(seen_page(name, demo_store)).replace("none", "")
    assert "nan" not in said.lower().split()
    assert "None" not in said


@pytest.fixture
def queried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queries whose rows pages read from the store, and not from memory."""
    names: list[str] = []
    run_query = cache.run_query

    def listening(reader: Reader, query: Query, *given: Any, **named: Any) -> Any:
        names.append(query.name)
        return run_query(reader, query, *given, **named)

    monkeypatch.setattr(cache, "run_query", listening)
    cache.forget()
    return names


@pytest.mark.parametrize("name", NEEDS_JOBS)
def test_a_page_asks_nothing_twice(name: str, demo_store: Store, queried: list[str]) -> None:
    page = page_of(name, demo_store).run()
    assert queried
    queried.clear()
    page.run()
    assert queried == []


@pytest.mark.thorough
def test_every_page_finds_the_rows_that_were_warmed_up(
    demo_store: Store, queried: list[str]
) -> None:
    warm_up(Reader(demo_store))
    for name in PAGES:  # one after the other: none asks for what the next could find
        queried.clear()
        run_page(name, demo_store)
        assert queried == [], name


def test_headings_do_not_skip_a_level(demo_store: Store) -> None:
    for name in PAGES:
        page = seen_page(name, demo_store)
        assert len(page.title) == 1
        assert page.header, name
