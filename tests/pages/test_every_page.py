"""What holds for every page: TITLE and render, empty and demo stores, names of columns."""

import importlib
import pkgutil
import time

import pytest

import pages
from analytics.questions import QUESTIONS
from data.store import Store
from pages.parts.columns import COLUMNS
from tests.pages.running import PAGES, page_of, run_page, texts

NEEDS_JOBS = ("overview", "warm_pools", "startup_latency", "keep_alive", "pool_timeline")


def test_the_list_of_pages_is_complete() -> None:
    found = {module.name for module in pkgutil.iter_modules(pages.__path__) if not module.ispkg}
    assert found == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_page_has_a_title_and_renders(name: str) -> None:
    module = importlib.import_module(f"pages.{name}")
    assert isinstance(module.TITLE, str)
    assert callable(module.render)
    assert module.__doc__.startswith(module.TITLE)


@pytest.mark.parametrize("name", PAGES)
def test_page_renders_on_the_demo(name: str, demo_store: Store) -> None:
    page = run_page(name, demo_store)
    assert page.title[0].value == importlib.import_module(f"pages.{name}").TITLE
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


@pytest.mark.parametrize("name", PAGES)
def test_page_is_quick_when_its_answers_are_known(name: str, demo_store: Store) -> None:
    page = page_of(name, demo_store).run()
    took_s = []
    for _ in range(3):
        started = time.perf_counter()
        page.run()
        took_s.append(time.perf_counter() - started)
    assert min(took_s) < 1


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
    asked = {name for question in QUESTIONS.values() for name in question.columns}
    of_pages = {
        "day", "pool_name", "reuse", "timeline", "value_usd_per_h", "best_s", "record_kind",
        "run_source",
    }  # fmt: skip
    unknown = set(COLUMNS) - asked - of_pages
    # the bookkeeping questions give more than they promise
    assert unknown <= {
        "mapping_name", "is_superseded", "low_usd_per_h", "high_usd_per_h", "note",
    }  # fmt: skip
