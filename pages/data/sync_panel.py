"""Reading from AWS: what, how much and how long it takes, progress, cancel, the last report."""

import json
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from data.datasets.catalog import dataset_named
from data.errors import StokerError
from data.store.reader import Reader
from pages.data import account_form
from pages.data.sync_work import USUAL_CAP_USD, PlanSummary, SyncWork, sync_work
from pages.kit import demo, messages
from pages.kit.canvas import Canvas
from pages.kit.formats import count, duration, moment, plain, usd

if TYPE_CHECKING:
    from data.aws.pages import Step

INTERVALS = {5: "5 minutes", 15: "15 minutes", 30: "30 minutes", 60: "hour"}
USUAL_INTERVAL_MIN = 15
LOOK_EVERY_S = 1.0
WAIT_EVERY_S = 5.0
CAP, INTERVAL, AUTOMATIC = "sync_cap_usd", "sync_interval_min", "sync_automatic"


def draw_sync(canvas: Canvas, reader: Reader) -> None:
    """Draw the panel that reads from AWS; in the demo, say why there is none."""
    if reader.home.is_demo:
        canvas.notice(
            "This is the demo: jobs of AWS would mix with the made-up ones. To read from AWS, open"
            " your own home:",
            icon=":material/science:",
        )
        demo.own_home(canvas)
        return
    work = sync_work(reader)
    account_form.draw_accounts(canvas, reader)
    _buttons(reader, work)
    _under_way(canvas, work)


def _buttons(reader: Reader, work: SyncWork) -> None:
    is_busy = work.task is not None
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    row.button(
        "Sync now", key="sync_now", icon=":material/sync:", disabled=is_busy,
        on_click=lambda: work.start(reader, _cap_usd()),
    )  # fmt: skip
    row.button(
        "What would be read?", key="sync_preview", icon=":material/list_alt:", disabled=is_busy,
        on_click=lambda: work.preview(reader, _cap_usd()),
    )  # fmt: skip
    row.number_input(
        "Metrics may cost (USD)", min_value=0.0, value=USUAL_CAP_USD, step=0.5, key=CAP, width=190,
        format="%.2f",
        help="CloudWatch charges for metrics. The newest jobs come first; what this does not pay"
        " for is left for another time. Everything else is free of charge.",
    )  # fmt: skip

    def switch() -> None:
        every_s = 60.0 * st.session_state[INTERVAL] if st.session_state[AUTOMATIC] else None
        work.repeat(reader, every_s, _cap_usd())

    st.session_state[AUTOMATIC] = work.every_s is not None
    if work.every_s is not None:
        st.session_state[INTERVAL] = round(work.every_s / 60)
    again = st.container(horizontal=True, vertical_alignment="center", gap="small")
    again.toggle(
        "Refresh automatically, every", key=AUTOMATIC, on_change=switch,
        help="For as long as the dashboard runs, whether a page is open or not.",
    )  # fmt: skip
    again.selectbox(
        "Interval", list(INTERVALS), format_func=INTERVALS.__getitem__,
        index=list(INTERVALS).index(USUAL_INTERVAL_MIN), key=INTERVAL, on_change=switch, width=150,
        label_visibility="collapsed",
    )  # fmt: skip


def _cap_usd() -> float:
    return float(st.session_state.get(CAP, USUAL_CAP_USD))


def _under_way(canvas: Canvas, work: SyncWork) -> None:
    """Draw what is being read; when that begins or ends, the page is drawn again."""
    task = work.task
    if task is None:
        _draw_end(canvas, work)
        if work.every_s is not None:
            _await_next(work)
        return

    @st.fragment(run_every=LOOK_EVERY_S)
    def show_progress() -> None:
        if task.has_ended:
            st.rerun()
        if work.plan is not None:
            st.markdown(_plan_text(work.plan, work.cap_usd))
        for step in tuple(work.later_steps):
            st.markdown(_step_text(step))
        st.progress(min(max(task.share, 0.0), 1.0), text=plain(task.step or task.name))
        row = st.container(horizontal=True, vertical_alignment="center", gap="small")
        row.button(
            "Cancel", key=f"cancel_{id(task)}", icon=":material/close:", on_click=task.cancel,
            disabled=task.is_cancelled,
        )  # fmt: skip
        row.markdown(
            ":gray[:small[Ending, once what was fetched is imported.]]"
            if task.is_cancelled
            else ":gray[:small[What is imported shows on every page at once. After a cancel, the"
            " next sync goes on from there.]]"
        )

    show_progress()


def _await_next(work: SyncWork) -> None:
    @st.fragment(run_every=WAIT_EVERY_S)
    def wait() -> None:
        if work.task is not None:
            st.rerun()
        if work.next_at is not None:
            st.markdown(f":gray[:small[Next at {work.next_at:%H:%M} UTC.]]")

    wait()


def _plan_text(plan: PlanSummary, cap_usd: float | None) -> str:
    """Return a plan in a sentence or two."""
    least = "at least " if plan.is_least else ""
    places = "; ".join(map(plain, plan.places))
    cost = "free of charge" if cap_usd == 0 else (
        "free of charge but for metrics, which cost"
        f" {usd(plan.cost_usd) if plan.cost_usd else 'what new jobs need'}, at most {usd(cap_usd)}"
    )  # fmt: skip
    return (
        f"**{(least + count(plan.request_count, 'request')).capitalize()}**, about"
        f" {duration(plan.seconds)}, {cost}.  \nFrom {places}."
    )


def _step_text(step: "Step") -> str:
    """Return what was planned once the jobs were known."""
    cost = f", {usd(step.cost_usd)}" if step.cost_usd else ""
    least = "at least " if step.is_least else ""
    return (
        f"- {plain(step.what)}: {least}{count(step.request_count, 'request')}{cost}, about"
        f" {duration(step.seconds)}"
    )


def _draw_end(canvas: Canvas, work: SyncWork) -> None:
    """Draw how the last synchronisation ended, or what the next one would read."""
    if work.failure is not None:
        _draw_problem(canvas, work.failure)
    if work.report is None:
        if work.plan is not None:
            _draw_plan(canvas, work.plan, work.cap_usd)
        return
    report = work.report
    changed = report.accepted.total()
    when = moment(work.ended_at)
    if report.is_cancelled:
        canvas.notice(
            f"Cancelled {when}. {count(changed, 'record')} new or changed until then; the next sync"
            " goes on from there.",
            icon=":material/cancel:",
        )
    elif report.requests.total():
        is_whole = not (report.problems or report.denied)
        canvas.notice(
            f"Synced {when}: {count(changed, 'record')} new or changed"
            f"{_by_kind(report.accepted)}, {count(report.unchanged.total())} unchanged."
            f" {count(report.requests.total(), 'request')}, of which"
            f" {count(report.retries.total(), 'retry', 'retries')}; the least possible:"
            f" {count(report.least_requests)}.",
            icon=":material/check:",
            tone="success" if is_whole else "info",
        )
    _draw_denied(canvas, report.denied)
    for problem in report.problems:
        _draw_problem(canvas, problem)
    if report.rejected.total():
        canvas.notice(
            f"{count(report.rejected.total(), 'record')} could not be used. Rejected"
            " records, below, says which, why, and what to do.",
            icon=":material/flag:",
            tone="warning",
        )
    if work.announcement_problem:
        canvas.notice(plain(work.announcement_problem), icon=":material/campaign:", tone="warning")
    if report.requests.total():
        rows = [
            {"iam_action": name, "request_count": sent, "retry_count": report.retries[name]}
            for name, sent in sorted(report.requests.items())
        ]
        canvas.expander("Requests by operation").table(
            pd.DataFrame(rows),
            ["iam_action", "request_count", "retry_count"],
            key="sync_requests",
            alt="Requests of the last sync, by operation",
        )


def _by_kind(accepted: dict[str, int]) -> str:
    """Return records by kind in brackets, as in (600 training jobs, 2 job queues)."""
    parts = [
        f"{count(number)} {plain(dataset_named(kind).label)}"
        for kind, number in sorted(accepted.items(), key=lambda one: -one[1])
        if number
    ]
    return f" ({', '.join(parts)})" if parts else ""


def _draw_plan(canvas: Canvas, plan: PlanSummary, cap_usd: float | None) -> None:
    for problem in plan.problems:
        _draw_problem(canvas, problem)
    if not plan.places:
        return
    box = canvas.box()
    box.text(_plan_text(plan, cap_usd))
    rows = [
        {
            "sync_step": f"{step.what} (at least)" if step.is_least else step.what,
            "request_count": step.request_count,
            "request_cost_usd": step.cost_usd,
            "request_s": step.seconds,
        }
        for step in plan.steps
    ]
    box.table(
        pd.DataFrame(rows, columns=["sync_step", "request_count", "request_cost_usd", "request_s"]),
        ["sync_step", "request_count", "request_cost_usd", "request_s"],
        key="sync_plan",
        alt="What the next sync reads, with requests, cost and time",
    )


def _draw_denied(canvas: Canvas, denied: dict[str, list[str]]) -> None:
    """Say which permissions are missing, as a statement to put into a policy."""
    if not denied:
        return
    lines = "\n".join(
        f"- `{action}`: {plain('; '.join(places))}" for action, places in sorted(denied.items())
    )
    canvas.notice(
        f"Not allowed, and so not read; the rest was:\n\n{lines}",
        icon=":material/key_off:",
        tone="warning",
    )
    statement = {"Effect": "Allow", "Action": sorted(denied), "Resource": "*"}
    canvas.expander("What to add to the IAM policy").code(json.dumps(statement, indent=2), "json")


def _draw_problem(canvas: Canvas, problem: StokerError) -> None:
    """Say what went wrong; ways to set credentials are a list."""
    from data.aws.errors import WAYS  # with it comes botocore

    start, _, ways = problem.next_action.partition(WAYS)
    if not ways:
        messages.show_error(canvas, problem)
        return
    canvas.notice(plain(problem.what), icon=":material/key_off:", tone="error")
    listed = "\n".join(f"- {plain(way)}" for way in ways.rstrip(".").split("; "))
    canvas.notice(f"{start}{WAYS.strip()}\n\n{listed}", icon=":material/build:")
