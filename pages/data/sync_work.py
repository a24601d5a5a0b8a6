"""Synchronisation while the dashboard runs: one at a time, with its plan, report and interval."""

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from analytics.announcements.announce import announce
from data import background
from data.background import Task
from data.errors import StokerError
from data.store.reader import Reader

if TYPE_CHECKING:
    from data.aws.pages import Step
    from data.aws.report import SyncPlan, SyncReport

LOOK_S = 0.2
USUAL_CAP_USD = 1.0


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """What is going to be read, of whom, and what keeps some of it from being read."""

    places: tuple[str, ...]
    steps: "tuple[Step, ...]"
    problems: tuple[StokerError, ...]
    is_least: bool
    request_count: int
    cost_usd: float
    seconds: float

    @classmethod
    def of(cls, plan: "SyncPlan") -> "PlanSummary":
        """Return what a plan says, without what it holds open."""
        places = tuple(
            f"{scope.calls.account.name} ({scope.calls.account_id}), {scope.calls.region}"
            for scope in plan.scopes
        )
        return cls(
            places, plan.steps, plan.problems, plan.is_least, plan.request_count, plan.cost_usd,
            plan.seconds,
        )  # fmt: skip


@dataclass(slots=True)
class SyncWork:
    """The synchronisation of one home: what is under way, and how the last one ended."""

    plan: PlanSummary | None = None
    cap_usd: float | None = None
    later_steps: "list[Step]" = field(default_factory=list)
    """What could not be planned before: the metrics of jobs that had to be read first."""
    report: "SyncReport | None" = None
    ended_at: datetime | None = None
    failure: StokerError | None = None
    """What kept the last one from beginning, or ended it."""
    announcement_problem: str | None = None
    every_s: float | None = None
    next_at: datetime | None = None
    _task: Task | None = None
    _clockwork: Task | None = None
    _changing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def task(self) -> Task | None:
        """What is under way."""
        task = self._task
        return None if task is None or task.has_ended else task

    def preview(self, reader: Reader, cap_usd: float | None) -> None:
        """Find out what would be read, and read nothing else."""
        self._begin("Asking AWS what is new", reader, cap_usd, is_preview=True)

    def start(self, reader: Reader, cap_usd: float | None) -> None:
        """Read what is new; does nothing while something is under way."""
        self._begin("Sync with AWS", reader, cap_usd, is_preview=False)

    def repeat(self, reader: Reader, every_s: float | None, cap_usd: float | None) -> None:
        """Read again at this interval from now on, for as long as the dashboard runs; or stop."""
        with self._changing:
            if self._clockwork is not None:
                self._clockwork.cancel()
            self.every_s, self.next_at, self._clockwork = every_s, None, None
            if every_s is not None:
                self._clockwork = background.start(
                    "Automatic refresh", self._tick, reader, every_s, cap_usd
                )

    def _begin(self, name: str, reader: Reader, cap_usd: float | None, *, is_preview: bool) -> None:
        with self._changing:
            if self.task is None:
                self._task = background.start(name, self._run, reader, cap_usd, is_preview)

    def _run(self, reader: Reader, cap_usd: float | None, is_preview: bool, task: Task) -> None:
        from data.aws.sync import plan_sync, sync  # with it comes botocore

        store = reader.writer()
        self.failure, self.plan, self.cap_usd, self.later_steps = None, None, cap_usd, []
        try:
            task.report("Asking AWS what is new", 0.0)
            plan = plan_sync(store, cap_usd=cap_usd, is_cancelled=lambda: task.is_cancelled)
            self.plan = PlanSummary.of(plan)
            if is_preview:
                return
            self.report = None
            self.report = sync(
                store,
                cap_usd=cap_usd,
                progress=task.report,
                is_cancelled=lambda: task.is_cancelled,
                plan=plan,
                on_step=self.later_steps.append,
            )
            self.announcement_problem = announce(store)
        except StokerError as error:
            self.failure = error
        finally:
            if not is_preview:
                self.ended_at = datetime.now(UTC)

    def _tick(self, reader: Reader, every_s: float, cap_usd: float | None, clockwork: Task) -> None:
        """Start a synchronisation, and another one so long after it has ended."""
        while not clockwork.is_cancelled:
            with self._changing:
                if not clockwork.is_cancelled:
                    self.next_at = None
            self.start(reader, cap_usd)
            while self.task is not None and not clockwork.is_cancelled:
                time.sleep(LOOK_S)
            next_at = datetime.now(UTC) + timedelta(seconds=every_s)
            with self._changing:
                if not clockwork.is_cancelled:
                    self.next_at = next_at
            while datetime.now(UTC) < next_at and not clockwork.is_cancelled:
                time.sleep(LOOK_S)


_works: dict[str, SyncWork] = {}
_finding = threading.Lock()


def sync_work(reader: Reader) -> SyncWork:
    """Return the synchronisation of the reader's home, one for all sessions."""
    with _finding:
        return _works.setdefault(str(reader.home.root), SyncWork())
