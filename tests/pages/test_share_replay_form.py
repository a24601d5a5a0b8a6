"""The Share replay page's form: what is edited, sent, uploaded or cancelled is what is compared."""

import dataclasses
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from analytics.derived.derive import derive
from analytics.query import Filters
from analytics.share_replay.calibrate import calibrate
from analytics.share_replay.replay import replay
from analytics.share_replay.scenario import Scenario, Share
from data import background
from data.ingest.home_store import open_home
from data.store.home import Home
from data.store.reader import Reader
from data.store.store import Store
from pages.kit import cache, formats
from pages.share_replay import analysis
from pages.share_replay.links import read, written
from tests.analytics.share_replay.recorded import random_jobs
from tests.analytics.share_replay.test_calibrate import put_history
from tests.pages.running import page_of, run_page, texts

FIFO = Scenario.of("fifo", 6)
QUOTAS = Scenario(
    "quota", FIFO.capacity, shares=(Share("a", quota=3), Share("b", quota=3)), name="Quotas"
)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A queue of two shares that ran as one line; for reading only."""
    home = Home(tmp_path_factory.mktemp("form") / "home").create()
    opened = open_home(home, derivation=derive)
    put_history(opened, random_jobs(1, 300), 6, FIFO)
    yield opened
    opened.close()


@pytest.fixture
def page(history: Store) -> AppTest:
    """The page, comparing one scenario of the URL, after its first run."""
    return page_of("share_replay", history, what_if=[written(QUOTAS)]).run()


def compared(page: AppTest) -> list[Scenario]:
    """Return the scenarios that the URL says after a run without an exception."""
    assert not page.exception, page.exception[0].stack_trace
    given = page.query_params["what_if"]
    found = [read(text) for text in ([given] if isinstance(given, str) else given)]
    return [scenario for scenario in found if scenario is not None]


def field(page: AppTest, kind: str, label: str) -> Any:
    (found,) = [one for one in page.get(kind) if one.label == label]
    return found


def press(page: AppTest, label: str) -> AppTest:
    (button,) = [one for one in page.button if one.label == label]
    return button.click().run()


def edit_shares(page: AppTest, rows: dict[int, dict[str, Any]]) -> None:
    """Type into cells of the table of shares, as a browser says it; the next run takes them in."""
    (editor,) = page.data_editor
    state = WidgetState(
        id=editor.proto.id,
        string_value=json.dumps({"edited_rows": rows, "added_rows": [], "deleted_rows": []}),
    )
    states = page._tree.get_widget_states

    def with_cells() -> Any:
        found = states()
        found.widgets.append(state)
        return found

    page._tree.get_widget_states = with_cells  # type: ignore[method-assign]


def test_what_the_form_says_is_replayed_when_it_is_sent(page: AppTest) -> None:
    field(page, "text_input", "Name").set_value("Weights")
    field(page, "selectbox", "Policy").set_value("fair_share")
    field(page, "number_input", "Capacity").set_value(8.0)
    field(page, "number_input", "Decay (s)").set_value(7200)
    (sent,) = compared(press(page, "Replay"))
    assert (sent.name, sent.policy, sent.capacity[0].capacity) == ("Weights", "fair_share", 8)
    assert sent.decay_s == 7200
    assert "With **Weights**" in texts(page)


def test_cells_of_the_shares_are_edited(page: AppTest) -> None:
    """Priority, quota, strategy and borrow limit of single shares."""
    edit_shares(page, {0: {"priority": 90, "quota": 4.0}, 1: {"strategy": "LEND", "quota": 2.0}})
    (sent,) = compared(press(page, "Replay"))
    assert sent.shares == (
        Share("a", quota=4, priority=90),
        Share("b", quota=2, strategy="LEND"),
    )
    shown = [str(table.value.to_dict()) for table in page.dataframe]
    assert any("a: 4, borrows, priority 90" in text for text in shown)
    assert '"schedulingPriority": 90' in texts(page)


def test_a_wrong_cell_is_told_and_changes_nothing(page: AppTest) -> None:
    edit_shares(page, {0: {"quota": -3.0}})
    assert compared(press(page, "Replay")) == [QUOTAS]
    assert "'quota' cannot be '-3.0'" in page.error[0].value


def test_a_scenario_file_is_uploaded(page: AppTest) -> None:
    text = 'name = "Own"\npolicy = "fair_share"\n[[share]]\nname = "a"\nweight = 2\npriority = 5\n'
    field(page, "file_uploader", "Or upload one").set_value(
        ("own.toml", text.encode(), "application/toml")
    )
    (sent,) = compared(press(page, "Replay this file"))
    assert (sent.name, sent.shares) == ("Own", (Share("a", weight=2, priority=5),))
    assert sent.capacity == FIFO.capacity  # the file says none: that in force


def test_the_file_is_edited_in_place_and_a_wrong_key_is_named(page: AppTest) -> None:
    area = field(page, "text_area", "Scenario file (TOML)")
    area.set_value(area.value.replace("quota = 3", "quota = 2", 1))
    assert compared(press(page, "Replay this file"))[0].shares[0].quota == 2
    field(page, "text_area", "Scenario file (TOML)").set_value("polic = 1")
    press(page, "Replay this file")
    assert "polic" in page.error[0].value


def test_scenarios_are_added_and_removed(page: AppTest) -> None:
    both = compared(press(page, "Add a copy"))
    assert [one.name for one in both] == ["Quotas", "Settings C"]
    assert both[1].shares == QUOTAS.shares
    assert [one.name for one in compared(press(page, "Remove C"))] == ["Quotas"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"policy": "fair_share", "shares": (Share("a", 1.0), Share("b", 4.0))}, "weight 4"),
        ({"shares": (Share("a", quota=4, strategy="LEND"), Share("b", quota=2))}, "a: 4, lends"),
        ({"capacity": Scenario.of("fifo", 12).capacity, "policy": "fifo", "shares": ()}, "12 inst"),
    ],
    ids=["policy and weights", "quotas", "capacity"],
)
def test_what_ifs_of_the_page_are_what_the_replay_says(
    history: Store, changes: dict[str, Any], said: str
) -> None:
    """Policy, weights, quotas and capacity: the figures are those of the replay of these."""
    scenario = dataclasses.replace(QUOTAS, name="What if", **changes)
    page = run_page("share_replay", history, what_if=[written(scenario)])
    found = calibrate(Reader(history), Filters())
    expected = replay(found.requests, scenario).wait_s.mean()
    (wait,) = [one for one in page.metric if one.label == "Mean wait with B"]
    assert wait.value == formats.hours(expected)
    assert any(said in str(table.value.to_dict()) for table in page.dataframe)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """What work beside the page waits for at its reports."""
    may_go_on, report = threading.Event(), background.Task.report

    def waiting(task: background.Task, step: str, share: float) -> None:
        assert may_go_on.wait(30)
        report(task, step, share)

    monkeypatch.setattr(background.Task, "report", waiting)
    return may_go_on


def end_of_work() -> None:
    for task in background.tasks():
        assert task._ended.wait(60)


def test_a_long_replay_runs_beside_the_page(
    page: AppTest, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With progress, a way to cancel it, and at the end the result."""
    monkeypatch.setattr(analysis, "LONG_JOBS", 100)
    cache.forget()
    page.run()
    (task,) = background.tasks()
    assert task.name == "Replay of the settings in force"
    assert len(page.get("progress")) == 1
    press(page, "Cancel")
    gate.set()
    end_of_work()
    assert "Cancelled." in texts(page.run())
    press(page, "Start again")
    end_of_work()
    page.run()  # it draws the one, and starts the other
    end_of_work()
    said = texts(page.run())
    assert "Replay error of today's settings: **0 %**" in said
    assert "With **Quotas**" in said


def test_a_search_is_cancelled_and_started_again(page: AppTest, gate: threading.Event) -> None:
    (switch,) = [one for one in page.toggle if one.label == "Search"]
    switch.set_value(True).run()
    (task,) = background.tasks()
    press(page, "Cancel")
    gate.set()
    assert task._ended.wait(30)
    assert "Cancelled." in texts(page.run())
    press(page, "Start again")
    for task in background.tasks():
        assert task._ended.wait(60)
    said = texts(page.run())
    assert "Cancelled." not in said
    assert "other settings would have been better" in said
