"""`stoker sync`: reads what is new in AWS, once or again and again."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from app.cli.invocation import (
    DONE,
    DONE_WITH_REJECTS,
    FAILED,
    INTERRUPTED,
    Invocation,
    write_error,
)
from app.cli.options import command
from app.cli.printable import printable_lines
from app.cli.store_access import run_on_store
from data.errors import StokerError
from data.raw.inputs import Cancelled
from data.store.home import Home

if TYPE_CHECKING:
    from data.aws.pages import Step
    from data.aws.report import SyncPlan, SyncReport
    from data.store.store import Store

USUAL_CAP_USD = 1.0
SHORTEST_EVERY_S = 1.0
EXAMPLES = """\
Examples:
  stoker sync                                     the account and region that the AWS CLI would use
  stoker sync --profile research --region us-east-1 --region eu-west-1
  stoker sync --every 15m                         goes on until Ctrl-C
  stoker sync --only jobs                         training jobs and nothing else

It only reads: docs/iam-policy.json lists every action that it uses. What is denied is named, and
the rest is read. Stop it at any time: the next run goes on from there. For several accounts, write
[[account]] blocks in stoker.toml of the home folder. While a dashboard runs, the dashboard reads,
with the credentials that it finds itself.
"""


class Duration(click.ParamType[float]):
    """A time span like 15m; returned as seconds."""

    name = "TIME"
    _UNITS = {"s": 1, "m": 60, "h": 3600}

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the seconds of a text."""
        text = str(value).strip().lower()
        number, unit = text.rstrip("smh"), text.lstrip("0123456789.") or "s"
        try:
            seconds = float(number) * self._UNITS[unit]
        except (ValueError, KeyError):
            self.fail(f"'{value}' is not a time like 90s, 15m or 1h.", param, ctx)
        if not seconds >= SHORTEST_EVERY_S:
            self.fail(f"'{value}' is shorter than {SHORTEST_EVERY_S:.0f} s.", param, ctx)
        return float(seconds)


@command("sync", "Read what is new in AWS.", EXAMPLES)
@click.option(
    "--profile", metavar="P", help="A profile of the AWS CLI (default: as the AWS CLI finds it)."
)
@click.option("--region", "regions", metavar="R", multiple=True, help="A region; may be repeated.")
@click.option("--every", type=Duration(), help="Read again after this time, like 15m.")
@click.option(
    "--only", metavar="SOURCE", multiple=True, help="Only this source, like jobs or batch; repeat."
)
@click.option(
    "--cap-usd",
    type=click.FloatRange(min=0),
    metavar="N",
    help=f"What CloudWatch may charge for metrics a run, USD (default: {USUAL_CAP_USD:.2f}).",
)
@click.option("--yes", is_flag=True, help="Read all metrics, whatever CloudWatch charges.")
def sync(
    invocation: Invocation,
    home: Home,
    *,
    profile: str | None,
    regions: tuple[str, ...],
    every: float | None,
    only: tuple[str, ...],
    cap_usd: float | None,
    yes: bool,
) -> int:
    """Reads training jobs, queues and service jobs from AWS, says before how many requests that is,
    and goes on where the last run ended. Without options it uses the credentials and the region
    that the AWS CLI would use. It never writes to AWS, and keeps no credentials.
    """
    cap = None if yes else USUAL_CAP_USD if cap_usd is None else cap_usd

    def work(store: "Store") -> int:
        with _clean_stop(invocation) as is_stopped:
            return _sync(store, invocation, profile, regions, only, cap, is_stopped)

    if every is None or invocation.store is not None:
        return run_on_store(invocation, home, work)
    # round by round: between them the database is free, and a dashboard may come and go
    once = replace(invocation, argv=_without_every(invocation.argv))
    while True:
        status = run_on_store(once, home, work)
        if status == INTERRUPTED:
            return status
        next_at = datetime.fromtimestamp(time.time() + every, UTC)
        invocation.err.write(f"Next at {next_at:%H:%M:%S} UTC; Ctrl-C ends it.\n")
        time.sleep(every)


def _sync(
    store: "Store",
    invocation: Invocation,
    profile: str | None,
    regions: tuple[str, ...],
    only: tuple[str, ...],
    cap_usd: float | None,
    is_stopped: Callable[[], bool],
) -> int:
    """Read what is new; say before what that is, and afterwards what it was."""
    from analytics.announcements.announce import announce
    from app.cli.progress import ProgressBar
    from data.aws.accounts import chosen_accounts, load_connections
    from data.aws.sync import plan_sync
    from data.aws.sync import sync as read

    if store.home.is_demo:
        raise StokerError(
            f"{store.home.root} holds the demo history; jobs of AWS would mix with it.",
            next_action="Choose another folder with --home, or leave it out.",
        )
    accounts = chosen_accounts(load_connections(store.home), profile, regions)
    with ProgressBar(invocation, "AWS") as bar:
        bar("Planning", 0.0)
        try:
            plan = plan_sync(
                store, accounts, sources=only, cap_usd=cap_usd, is_cancelled=is_stopped
            )
        except Cancelled:
            invocation.err.write("Stopped; nothing was read.\n")
            return INTERRUPTED
        bar.close()

        def on_step(step: "Step") -> None:
            bar.close()
            invocation.err.write(printable_lines(_step_line(step)))

        if plan.scopes:
            invocation.err.write(printable_lines("".join(_plan_lines(plan))))
        report = read(
            store,
            accounts,
            sources=only,
            cap_usd=cap_usd,
            progress=bar,
            is_cancelled=is_stopped,
            plan=plan,
            on_step=on_step,
        )
    invocation.out.write(printable_lines("".join(_report_lines(report))))
    problem_of_webhook = announce(store)
    if problem_of_webhook:
        invocation.err.write(printable_lines(f"{problem_of_webhook}\n"))
    for problem in report.problems:
        write_error(problem, invocation.err)
    if report.is_cancelled:
        invocation.err.write(
            "Stopped; what was read is kept, and the next run goes on from there.\n"
        )
        return INTERRUPTED
    if report.problems:
        return FAILED
    if report.rejected.total():
        invocation.err.write(
            "See why, and what to do: stoker ask rejected_rows, or the Data page.\n"
        )
        return DONE_WITH_REJECTS
    return DONE


def _plan_lines(plan: "SyncPlan") -> Iterator[str]:
    places = ", ".join(
        f"{scope.calls.account.name} ({scope.calls.account_id}) {scope.calls.region}"
        for scope in plan.scopes
    )
    yield f"Reading from AWS: {places}\n"
    for step in plan.steps:
        yield _step_line(step)
    least = "at least " if plan.is_least else ""
    cost = f", USD {plan.cost_usd:.2f} for metrics" if plan.cost_usd else ""
    yield (
        f"Together {least}{_count(plan.request_count, 'request')}, about"
        f" {_duration(plan.seconds)}{cost}.\n"
    )


def _step_line(step: "Step") -> str:
    least = "at least " if step.is_least else ""
    cost = f", USD {step.cost_usd:.2f} (--cap-usd)" if step.cost_usd else ""
    what = step.what[:1].upper() + step.what[1:]
    return f"  {what}: {least}{_count(step.request_count, 'request')}{cost}\n"


def _report_lines(report: "SyncReport") -> Iterator[str]:
    kinds = sorted(report.accepted.keys() | report.unchanged.keys() | report.rejected.keys())
    for kind in kinds:
        yield (
            f"{kind}: {report.accepted[kind]:,} accepted, {report.unchanged[kind]:,} unchanged,"
            f" {report.rejected[kind]:,} rejected\n"
        )
    if not kinds and report.requests:
        yield "Nothing is new.\n"
    for name, count in sorted(report.requests.items()):
        retries = report.retries[name]
        repeated = f", {_count(retries, 'retry', 'retries')}" if retries else ""
        yield f"  {name}: {_count(count, 'request')}{repeated}\n"
    if report.requests:
        yield (
            f"{_count(report.requests.total(), 'request')}, of which"
            f" {_count(report.retries.total(), 'retry', 'retries')}; the least possible:"
            f" {report.least_requests:,}\n"
        )
    for action, places in sorted(report.denied.items()):
        yield (
            f"Not allowed: {action} ({'; '.join(places)}). The rest was read; docs/iam-policy.json"
            " lists every action that Stoker uses.\n"
        )


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _duration(seconds: float) -> str:
    """Return a rough duration.

    >>> _duration(3), _duration(100), _duration(4000)
    ('3 s', '2 min', '1.1 h')
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def _without_every(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command line without --every and its value.

    >>> _without_every(("sync", "--every", "15m", "--only", "jobs", "--every=1h"))
    ('sync', '--only', 'jobs')
    """
    kept: list[str] = []
    rest = iter(argv)
    for word in rest:
        if word == "--every":
            next(rest, None)
        elif not word.startswith("--every="):
            kept.append(word)
    return tuple(kept)


@contextmanager
def _clean_stop(invocation: Invocation) -> Iterator[Callable[[], bool]]:
    """Have the first Ctrl-C end the work where nothing is lost; the second ends it at once."""
    stopped = threading.Event()
    is_own = invocation.store is None and threading.current_thread() is threading.main_thread()
    if not is_own:  # in a dashboard, the caller's leaving ends it
        yield stopped.is_set
        return

    def stop(number: int, frame: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped.is_set
    finally:
        signal.signal(signal.SIGINT, before)
