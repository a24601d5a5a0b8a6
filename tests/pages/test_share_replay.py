"""The Share replay page: the answer first, doubts said, the comparison in the URL."""

import pytest

from analytics.share_replay.scenario import Scenario, Share
from data.store.store import Store
from pages.kit.blocks import Code, Notice, Table, Text
from pages.share_replay.links import read, written
from tests.analytics.share_replay.recorded import random_jobs
from tests.analytics.share_replay.test_calibrate import put_history
from tests.pages.running import collected_view, run_page, texts

FIFO = Scenario.of("fifo", 6)
FAIR = Scenario.of("fair_share", 6, [Share("a", 1.0), Share("b", 4.0)])


@pytest.fixture
def history(store: Store) -> Store:
    put_history(store, random_jobs(1, 300), 6, FIFO)
    return store


def blocks(view, kind):  # type: ignore[no-untyped-def]
    def walk(part):  # type: ignore[no-untyped-def]
        for block in part.blocks:
            if isinstance(block, kind):
                yield block
            for inner in getattr(block, "parts", ()):
                yield from walk(inner)

    return list(walk(view.body))


def test_the_page_says_the_answer_and_its_error(history: Store) -> None:
    page = run_page("share_replay", history)
    said = texts(page)
    assert "One lending queue" in said
    assert "Replay error of today's settings: **0 %**" in said


def test_scenarios_of_the_url_are_compared(history: Store) -> None:
    other = Scenario("fair_share", FAIR.capacity, shares=FAIR.shares, name="Weights")
    view = collected_view("share_replay", history, what_if=[written(other)])
    (table,) = [one for one in blocks(view, Table) if one.key == "scenarios"]
    assert table.rows["scenario_name"].tolist() == ["Settings in force", "Weights"]
    assert any('"weightFactor": 4.0' in code.text for code in blocks(view, Code))


def test_a_link_that_says_no_settings_is_ignored(history: Store) -> None:
    view = collected_view("share_replay", history, what_if=["nonsense"])
    assert any("ignored" in notice.markdown for notice in blocks(view, Notice))


def test_unknown_capacity_says_so_and_what_to_do(store: Store) -> None:
    put_history(store, random_jobs(1, 60), None, FIFO)
    view = collected_view("share_replay", store)
    said = " ".join(notice.markdown for notice in blocks(view, Notice))
    assert "cannot be replayed" in said
    assert "capacity" in said


def test_without_a_queue_the_page_says_what_to_import(store: Store) -> None:
    view = collected_view("share_replay", store)
    assert any("went through a queue" in text.markdown for text in blocks(view, Text))


def test_a_scenario_comes_back_from_its_link() -> None:
    assert read(written(FAIR)) == FAIR
    assert read("no link") is None
