"""What holds for every page: TITLE and render, empty and demo stores, names of columns."""

import importlib
import pkgutil
from typing import Any

import pytest
import streamlit as st

import pages
from analytics.catalog import queries
from analytics.query import Query
from data.store.reader import Reader
from data.store.store import Store
from pages.keep_alive.charts import MARKS
from pages.keep_alive.comparison import GROUP_MEASURES
from pages.kit import cache
from pages.kit.columns import COLUMNS
from tests.pages.running import PAGES, page_of, run_page, texts

NEEDS_JOBS = ("overview", "warm_pools", "startup_latency", "keep_alive", "pool_timeline")


def test_the_list_of_pages_is_complete() -> None:
    found = {module.name for module in pkgutil.iter_modules(pages.__path__) if module.name != "kit"}
    assert found == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_page_has_a_title_and_renders(name: str) -> None:
    module = importlib.import_module(f"pages.{name}.page")
    assert isinstance(module.TITLE, str)
    assert callable(module.render)
    assert module.__doc__.startswith(module.TITLE)


@pytest.mark.parametrize("name", PAGES)
def test_page_renders_on_the_demo(name: str, demo_store: Store) -> None:
    page = run_page(name, demo_store)
    assert page.title[0].value == importlib.import_module(f"pages.{name}.page").TITLE
    assert not page.error


@pytest.mark.parametrize("name", PAGES)
def test_page_renders_on_an_empty_store(name: str, store: Store) -> None:
    page = run_page(name, store)
    assert not page.error


@pytest.mark.parametrize("name", NEEDS_JOBS)
def test_an_empty_page_says_why_and_what_to_do(name: str, store: Store) -> None:
    said = texts(run_page(name, store))
    assert "No jobs here yet" in said
    assert "stoker serve --demo" in said


@pytest.mark.parametrize("name", NEEDS_JOBS)
def test_nothing_says_nan_or_none(name: str, demo_store: Store) -> None:
    said = texts(run_page(name, demo_store)).replace("none", "")
    assert "nan" not in said.lower().split()
    assert "None" not in said


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that pages ask the store, not their memory."""
    names: list[str] = []
    run_query = cache.run_query

    def listening(reader: Reader, query: Query, *given: Any, **named: Any) -> Any:
        names.append(query.name)
        return run_query(reader, query, *given, **named)

    monkeypatch.setattr(cache, "run_query", listening)
    st.cache_data.clear()
    return names


@pytest.mark.parametrize("name", NEEDS_JOBS)
def test_a_page_asks_nothing_twice(name: str, demo_store: Store, asked_for: list[str]) -> None:
    page = page_of(name, demo_store).run()
    assert asked_for
    asked_for.clear()
    page.run()
    assert asked_for == []


@pytest.mark.parametrize("name", ["overview", "warm_pools", "startup_latency", "keep_alive"])
def test_a_page_finds_the_answers_that_were_warmed_up(
    name: str, demo_store: Store, asked_for: list[str]
) -> None:
    cache.warm_up(demo_store)
    asked_for.clear()
    run_page(name, demo_store)
    assert asked_for == []


def test_headings_do_not_skip_a_level(demo_store: Store) -> None:
    for name in PAGES:
        page = run_page(name, demo_store)
        assert len(page.title) == 1
        assert page.header, name


def test_columns_on_screen_say_their_unit() -> None:
    units = {"seconds": "(s)", "hours": "(h)", "usd": "(USD)", "price": "(USD/h)"}
    for name, column in COLUMNS.items():
        unit = units.get(column.kind)
        assert unit is None or unit in column.heading, name


def test_every_column_of_a_page_is_of_a_question_or_of_the_page() -> None:
    asked = {name for question in queries().values() for name in question.columns}
    of_pages = {
        "day", "pool_name", "timeline", "value_usd_per_h", "best_s", "record_kind", "file_format",
        "measure", "first_period", "second_period", "difference",
    }  # fmt: skip
    of_pages |= {f"{name}_{mark}" for name in GROUP_MEASURES for mark in MARKS}
    unknown = set(COLUMNS) - asked - of_pages
    # the bookkeeping questions give more than they promise
    assert unknown <= {
        "mapping_name", "is_superseded", "low_usd_per_h", "high_usd_per_h", "note",
    }  # fmt: skip
