"""Pages are found: one that lies outside of the package is a page as any other."""

from pathlib import Path

import pytest

import pages as package
from data.store.store import Store
from pages.kit.catalog import pages
from tests.pages.running import PAGES, collected_view, run_page, texts

TOY = '''
"""Toy: what a page is at least."""

from pages.kit.cache import query_rows
from pages.kit.catalog import Page

PAGE = Page(title="Toy", icon=":material/toys:", lead="It counts.", position=999)


def render(canvas, reader):
    canvas.header("How many")
    canvas.text(f"{len(query_rows(reader, 'prices')) > 0}")
'''


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page in a folder outside of the package."""
    folder = tmp_path / "toy"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "page.py").write_text(TOY)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])


def test_pages_are_the_folders_of_the_package() -> None:
    folders = {path.parent.name for path in Path(package.__path__[0]).glob("*/page.py")}
    assert folders == set(PAGES)


def test_the_first_page_is_the_overview() -> None:
    assert pages()[0].name == "overview"


def test_pages_stand_where_people_look_for_them_and_no_two_in_one_place() -> None:
    positions = [entry.page.position for entry in pages()]
    assert len(set(positions)) == len(positions)
    order = [entry.name for entry in pages()]
    usual = [
        "overview", "data", "warm_pools", "startup_latency", "keep_alive", "pool_timeline",
        "shares", "share_replay", "utilization", "price_performance", "instance_groups",
        "tuning_planner", "sql", "definitions",
    ]  # fmt: skip
    assert [name for name in order if name in usual] == usual


@pytest.mark.usefixtures("toy")
def test_a_page_from_elsewhere_is_found_and_drawn(store: Store) -> None:
    assert [entry.name for entry in pages()][-1] == "toy"
    page = run_page("toy", store)
    assert "It counts." in texts(page)
    assert page.header[0].value == "How many"
    assert collected_view("toy", store).title == "Toy"
