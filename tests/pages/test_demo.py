"""The demo beside a home: when a visit is of it, what offers it, and the way back."""

from typing import Any

import pytest

from data.store.store import Store
from pages.kit import demo, filters
from pages.kit.blocks import Link
from pages.kit.visit import Params
from tests.pages.running import PAGES, seen_view


def visits(*steps: tuple[str, Params]) -> list[tuple[bool, Params]]:
    """Return of each visit of one session whether it is of the demo, and the URL after it."""
    memory: dict[str, Any] = {}
    return [(demo.is_chosen(page, params := dict(given), memory), params) for page, given in steps]


CHOSEN: Params = {"demo": ["1"]}


def test_the_demo_stays_from_page_to_page_and_stands_in_the_url() -> None:
    assert visits(("overview", {}), ("overview", CHOSEN), ("advice", {})) == [
        (False, {}),
        (True, CHOSEN),
        (True, CHOSEN),
    ]


def test_back_on_the_same_page_leaves_the_demo() -> None:
    assert visits(("overview", CHOSEN), ("overview", {}), ("advice", {}))[1:] == [(False, {})] * 2


def test_the_way_back_leaves_the_demo_and_the_rest_of_the_url() -> None:
    seen = visits(("jobs", CHOSEN), ("jobs", {"demo": ["0"], "user": ["ada"]}), ("advice", {}))
    assert seen[1:] == [(False, {"user": ["ada"]}), (False, {})]


def test_filters_are_not_taken_from_one_home_to_the_other() -> None:
    memory: dict[str, Any] = {filters.MEMORY: {"page": "jobs", "params": {"region": ["x"]}}}
    demo.is_chosen("jobs", {"demo": ["1"]}, memory)
    assert filters.MEMORY not in memory


NEED_NO_JOBS = ("data", "definitions", "sql", "tuning_planner")


@pytest.mark.parametrize("name", [name for name in PAGES if name not in NEED_NO_JOBS])
def test_every_empty_page_offers_itself_in_the_demo(name: str, empty_store: Store) -> None:
    links = [block for block in seen_view(name, empty_store).blocks() if isinstance(block, Link)]
    assert (name, {"demo": ["1"]}) in [(link.page, link.params) for link in links]
