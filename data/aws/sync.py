"""Synchronising the store with AWS: fetch pages, import them as files, note how far was read.

One thread an account and region fetches; this thread imports, in the order in which pages come.
What ends early, for whatever reason, has lost nothing: what was fetched is imported, what was
imported is noted, and the next run goes on from there.
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from data.aws.accounts import Account, Connections, load_connections, regions_of, session
from data.aws.calls import Calls
from data.aws.errors import ExpiredCredentials, MissingPermission
from data.aws.pages import Page, Step
from data.aws.report import SyncPlan, SyncReport
from data.aws.scope import Budget, Scope
from data.aws.sources import Source, chosen_sources
from data.aws.watermarks import Watermarks
from data.errors import StokerError
from data.ingest.pipeline import ingest_files
from data.ingest.results import ImportFailure, Outcome
from data.raw.inputs import Cancelled, InputFile, Progress, uploaded
from data.store.store import Store

__all__ = ["SyncPlan", "SyncReport", "plan_sync", "sync"]

SCOPES_AT_ONCE = 4
PAGES_AHEAD = 16
LOOK_S = 0.1


def plan_sync(
    store: Store,
    accounts: Sequence[Account] | None = None,
    *,
    sources: tuple[str, ...] = (),
    cap_usd: float | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
    now: datetime | None = None,
) -> SyncPlan:
    """Return what is going to be read; `sync` takes it, and does not ask again.

    Args:
        accounts: those that stoker.toml lists, else the one that the AWS CLI would use.
        sources: names of `data.aws.sources`; all of them without any.
        cap_usd: what the metric requests may cost.

    Raises:
        StokerError: stoker.toml or a name is wrong; what is wrong with an account, the plan says.
    """
    chosen = chosen_sources(sources)
    scopes, problems = _scopes(
        store, accounts, Budget(cap_usd), is_cancelled, now or datetime.now(UTC)
    )
    steps: list[Step] = []
    for number, scope in enumerate(scopes):
        for source in chosen:
            if source.is_once and number:
                continue
            try:
                steps += source.plan(scope)
            except MissingPermission as error:
                scope.denied[error.iam_action] = error
            except StokerError as error:
                problems.append(error)
                break
    return SyncPlan(tuple(steps), tuple(scopes), tuple(problems))


def sync(
    store: Store,
    accounts: Sequence[Account] | None = None,
    *,
    sources: tuple[str, ...] = (),
    cap_usd: float | None = None,
    progress: Progress | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
    now: datetime | None = None,
    plan: SyncPlan | None = None,
    on_step: Callable[[Step], None] | None = None,
) -> SyncReport:
    """Read what is new in AWS; the arguments are those of `plan_sync`.

    Args:
        progress: called with a step's name and its done share, 0 to 1. If it raises `Cancelled`,
            what was fetched by then is imported, and the report says that it was cancelled.
        plan: what `plan_sync` returned.
        on_step: told of what could not be planned before: which metrics are read, at what cost.

    Raises:
        StokerError: nothing can be imported any more, as when the disk is full.
    """
    run = _Run(
        store,
        progress or (lambda step, share: None),
        is_cancelled,
        on_step or (lambda step: None),
    )
    if plan is None:
        scopes, problems = _scopes(
            store, accounts, Budget(cap_usd), run.is_ended, now or datetime.now(UTC)
        )
        plan = SyncPlan((), tuple(scopes), tuple(problems))
    for scope in plan.scopes:
        scope.calls.is_cancelled = run.is_ended
        scope.tell = run.steps.append
    run.report.problems += plan.problems
    run.planned_count = 0 if plan.is_least else plan.request_count
    chosen = chosen_sources(sources)
    try:
        for is_of_merged in (False, True):
            run.read(plan.scopes, [one for one in chosen if one.is_of_merged == is_of_merged])
    finally:
        for scope in plan.scopes:
            scope.watermarks.flush()
    for scope in plan.scopes:
        run.report.count(scope)
    run.report.is_cancelled = run.is_ended()
    return run.report


def _scopes(
    store: Store,
    accounts: Sequence[Account] | None,
    budget: Budget,
    is_cancelled: Callable[[], bool],
    now: datetime,
) -> tuple[list[Scope], list[StokerError]]:
    """Return every account and region that can be read, and what is wrong with the others."""
    connections = load_connections(store.home)
    scopes: list[Scope] = []
    problems: list[StokerError] = []
    for account in connections.accounts if accounts is None else accounts:
        try:
            scopes += _scopes_of(store, account, connections, budget, is_cancelled, now)
        except StokerError as error:
            problems.append(error)
    regions = tuple(dict.fromkeys(scope.calls.region for scope in scopes))
    for scope in scopes:
        scope.regions = regions
    return scopes, problems


def _scopes_of(
    store: Store,
    account: Account,
    connections: Connections,
    budget: Budget,
    is_cancelled: Callable[[], bool],
    now: datetime,
) -> Iterator[Scope]:
    found = session(account)
    account_id = None
    for region in regions_of(account, found):
        calls = Calls(
            account,
            found,
            region,
            account_id=account_id,
            list_per_s=connections.list_requests_per_s,
            other_per_s=connections.other_requests_per_s,
            is_cancelled=is_cancelled,
        )
        account_id = account_id or calls.caller()
        if account.account_id not in (None, account_id):
            raise StokerError(
                f"The credentials of the account '{account.name}' are of {account_id}, not of"
                f" {account.account_id}.",
                next_action="Correct account_id, profile or role_arn in stoker.toml.",
            )
        yield Scope(store, calls, Watermarks(store, account_id, region), now, budget=budget)


@dataclass(slots=True)
class _Fetched:
    """A page on its way to be imported, and whose it is."""

    scope: Scope
    page: Page


@dataclass(slots=True)
class _Run:
    """One synchronisation: threads that fetch, and this one, which imports."""

    store: Store
    progress: Progress
    is_cancelled: Callable[[], bool]
    on_step: Callable[[Step], None]
    steps: deque[Step] = field(default_factory=deque)
    """What threads have told of, and this one has not passed on yet."""
    report: SyncReport = field(default_factory=SyncReport)
    planned_count: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _pages: "queue.Queue[_Fetched | None]" = field(default_factory=lambda: queue.Queue(PAGES_AHEAD))
    _waiting: deque[_Fetched] = field(default_factory=deque)
    """Pages that were handed over and not merged yet, in order."""
    _broken: set[int] = field(default_factory=set)
    """Scopes of which a page could not be imported: no more is noted as read."""
    _scopes: tuple[Scope, ...] = ()
    _error: BaseException | None = None
    _told_at: float = 0.0

    def is_ended(self) -> bool:
        """Whether the work is to end."""
        if self.is_cancelled():
            self._ended.set()
        return self._ended.is_set()

    def read(self, scopes: Sequence[Scope], sources: Sequence[Source]) -> None:
        """Fetch and import some sources of every account and region."""
        self._scopes = tuple(scopes)
        if not scopes or not sources:
            return
        coming = deque(enumerate(scopes))
        threads = [
            threading.Thread(target=self._fetch_all, args=(coming, sources), daemon=True)
            for _ in range(min(SCOPES_AT_ONCE, len(scopes)))
        ]
        for thread in threads:
            thread.start()
        try:
            for outcome in ingest_files(
                self.store, self._files(len(threads)), progress=self._tell_import
            ):
                self._settle(outcome)
            self._note_empty()
            self._tell()
        except BaseException:
            self._ended.set()
            raise
        finally:
            for thread in threads:
                while thread.is_alive():
                    self._drain()
                    thread.join(LOOK_S)
        if self._error is not None:
            raise self._error

    def _fetch_all(self, coming: deque[tuple[int, Scope]], sources: Sequence[Source]) -> None:
        """Fetch one account and region after the other, until there are no more."""
        try:
            while coming and not self.is_ended():
                try:
                    number, scope = coming.popleft()
                except IndexError:
                    break
                self._fetch(scope, [one for one in sources if not (one.is_once and number)])
        except Cancelled:
            pass
        except BaseException as error:  # noqa: BLE001 - raised where the work was begun
            self._error = error
            self._ended.set()
        finally:
            self._put(None)

    def _fetch(self, scope: Scope, sources: Sequence[Source]) -> None:
        for source in sources:
            scope.say(source.label, 0)
            try:
                for page in scope.allowed(source.fetch(scope)):
                    self._put(_Fetched(scope, page))
                    if self.is_ended():
                        return
            except ExpiredCredentials as error:
                self.report.problems.append(error)
                return
            except StokerError as error:
                self.report.problems.append(error)
        scope.doing = ""

    def _put(self, fetched: _Fetched | None) -> None:
        while True:
            try:
                self._pages.put(fetched, timeout=LOOK_S)
            except queue.Full:
                if self._error is not None:
                    return
            else:
                return

    def _drain(self) -> None:
        """Make room for threads that wait to hand over what nobody wants any more."""
        while True:
            try:
                self._pages.get_nowait()
            except queue.Empty:
                return

    def _files(self, thread_count: int) -> Iterator[InputFile]:
        """Yield pages as files, as they come, until every thread has ended."""
        while thread_count:
            self._tell()
            try:
                fetched = self._pages.get(timeout=LOOK_S)
            except queue.Empty:
                continue
            if fetched is None:
                thread_count -= 1
                continue
            self._waiting.append(fetched)
            page = fetched.page
            if page.content:
                yield _as_file(page)
            else:
                self._note_empty()

    def _settle(self, outcome: Outcome) -> None:
        """Note what became of the page that is next."""
        self._note_empty()
        fetched = self._waiting.popleft()
        if isinstance(outcome, ImportFailure):
            self._broken.add(id(fetched.scope))
            self.report.problems.append(outcome.as_error())
        else:
            kind = outcome.kind
            self.report.accepted[kind] += outcome.accepted_count
            self.report.unchanged[kind] += outcome.unchanged_count
            self.report.rejected[kind] += outcome.rejected_count
            self._note(fetched)
        self._note_empty()

    def _note_empty(self) -> None:
        """Note the pages without content, once all before them are merged."""
        while self._waiting and not self._waiting[0].page.content:
            self._note(self._waiting.popleft())

    def _note(self, fetched: _Fetched) -> None:
        if fetched.page.on_merged is not None and id(fetched.scope) not in self._broken:
            fetched.page.on_merged()

    def _tell_import(self, step: str, share: float) -> None:
        self._tell()

    def _tell(self) -> None:
        """Report how far the work is; whoever runs it may end it."""
        while self.steps:
            self.on_step(self.steps.popleft())
        now = time.monotonic()
        if now - self._told_at < LOOK_S:
            return
        self._told_at = now
        request_count = sum(scope.calls.requests.total() for scope in self._scopes)
        share = min(0.99, request_count / self.planned_count) if self.planned_count else 0.0
        doing = "; ".join(scope.doing for scope in self._scopes if scope.doing)
        try:
            self.progress(doing or "Connecting to AWS", share)
        except Cancelled:
            self._ended.set()


def _as_file(page: Page) -> InputFile:
    file = uploaded(page.name, page.content)
    return InputFile(file.name, file.open, file.size, kind=page.kind)
