"""Long work beside the pages, a thread each, with its progress, until done or cancelled."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from data.raw.inputs import Cancelled


class Task:
    """A piece of work: what it is, how far it is, and a way to end it early."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.step = ""
        self.share = 0.0
        self.error: Exception | None = None
        self._cancelled = threading.Event()
        self._ended = threading.Event()
        self._stops: list[Callable[[], object]] = []

    def report(self, step: str, share: float) -> None:
        """Note how far the work is.

        Raises:
            Cancelled: it is to end; nothing that is whole is lost.
        """
        self.step, self.share = step, share
        if self.is_cancelled:
            raise Cancelled

    def cancel(self) -> None:
        """Have the work end at its next report, and stop what it waits for meanwhile."""
        self._cancelled.set()
        with _changing:
            stops = list(self._stops)
        for stop in stops:
            stop()

    @contextmanager
    def stopping(self, stop: Callable[[], object]) -> Iterator[None]:
        """Have `stop` called if the work is cancelled before the end of the block."""
        with _changing:
            self._stops.append(stop)
        try:
            if self.is_cancelled:
                stop()
            yield
        finally:
            with _changing:
                self._stops.remove(stop)

    def end(self) -> None:
        """Note that the work has ended, for whatever reason."""
        self._ended.set()

    def wait(self, limit_s: float) -> bool:
        """Wait so long for the end of the work; return whether it has ended."""
        return self._ended.wait(limit_s)

    @property
    def has_ended(self) -> bool:
        """Whether the work is over: done, cancelled or failed."""
        return self._ended.is_set()

    @property
    def is_cancelled(self) -> bool:
        """Whether the work is to end."""
        return self._cancelled.is_set()

    def __str__(self) -> str:
        progress = f" {self.share:.0%}" if self.share else ""
        return f"{self.name}: {self.step}{progress}" if self.step else self.name


_running: dict[Task, threading.Thread] = {}
_changing = threading.Lock()
_of_thread = threading.local()


@contextmanager
def ended_with_task(stop: Callable[[], object]) -> Iterator[None]:
    """Have `stop` called if the task of this thread is cancelled meanwhile; there may be none."""
    task: Task | None = getattr(_of_thread, "task", None)
    if task is None:
        yield
        return
    with task.stopping(stop):
        yield


def start(name: str, work: Callable[..., object], *arguments: Any) -> Task:
    """Run `work(*arguments, task)` in a thread of its own."""
    task = Task(name)

    def run() -> None:
        _of_thread.task = task
        try:
            work(*arguments, task)
        except Cancelled:
            pass
        except Exception as error:
            task.error = error
            raise
        finally:
            task.end()
            with _changing:
                del _running[task]

    thread = threading.Thread(target=run, name=name, daemon=True)
    with _changing:
        _running[task] = thread
        thread.start()
    return task


def tasks() -> list[Task]:
    """Return what is at work."""
    with _changing:
        return list(_running)


def end_within(limit_s: float) -> bool:
    """Cancel everything, and wait for it so long; return whether it has ended."""
    give_up_at = time.monotonic() + limit_s
    with _changing:
        running = dict(_running)
    for task in running:
        task.cancel()
    threads = running.values()
    for thread in threads:
        thread.join(max(0.0, give_up_at - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)
