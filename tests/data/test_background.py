"""Work beside the pages: how far it is, and that it ends when it is told to."""

import threading
import time

from data import background
from data.background import Task

WITHIN_S = 10.0


def test_a_task_says_how_far_it_is_until_it_is_cancelled() -> None:
    has_begun = threading.Event()

    def work(first: int, task: Task) -> None:
        for number in range(first, 1000):
            task.report("Merging", number / 1000)
            has_begun.set()
            time.sleep(0.01)

    task = background.start("stoker ingest", work, 250)
    assert has_begun.wait(WITHIN_S)
    assert task in background.tasks()
    assert str(task).startswith("stoker ingest: Merging 2")
    task.cancel()
    give_up_at = time.monotonic() + WITHIN_S
    while task in background.tasks() and time.monotonic() < give_up_at:
        time.sleep(0.01)
    assert task not in background.tasks()


def test_everything_ends_before_the_store_is_closed() -> None:
    def work(task: Task) -> None:
        while True:
            task.report("Landing", 0.0)
            time.sleep(0.01)

    background.start("one", work)
    background.start("two", work)
    assert background.end_within(WITHIN_S)
    assert background.tasks() == []


def test_what_does_not_end_is_told() -> None:
    release = threading.Event()
    background.start("stubborn", lambda _: release.wait(WITHIN_S))
    assert not background.end_within(0.05)
    release.set()
    assert background.end_within(WITHIN_S)


def test_a_task_that_fails_is_no_longer_at_work() -> None:
    caught: list[object] = []
    before, threading.excepthook = threading.excepthook, caught.append  # type: ignore[assignment]
    try:
        background.start("failing", lambda _: 1 / 0)
        assert background.end_within(WITHIN_S)
    finally:
        threading.excepthook = before
    assert len(caught) == 1
