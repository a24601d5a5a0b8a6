"""The story of one job: whether it started warm, what would have helped, its cost and its hosts."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pandas as pd

from analytics.catalog import query_named
from analytics.query import Filters
from data.store.reader import Reader
from data.tables.columns import COLUMNS
from pages.jobs.search import TEXT
from pages.kit import formats, links
from pages.kit.blocks import Kpi
from pages.kit.cache import query_rows
from pages.kit.canvas import ARROW, Canvas
from pages.kit.job.phases import draw_phases
from pages.kit.job.series import draw_job_series
from pages.kit.labels import label
from pages.kit.row_links import JOB, JOB_ACCOUNT, JOB_REGION, USER, job_params
from pages.kit.rows import first_row

BEFORE = timedelta(hours=1)
SPAN = "6h"


def draw(canvas: Canvas, reader: Reader) -> None:
    """Draw the story of the job of the URL; where several have its name, ask which one."""
    name = canvas.param(JOB) or ""
    canvas.button(
        "All jobs", key="leave_job", icon=":material/arrow_back:", is_quiet=True,
        on_click=lambda: _leave(canvas),
    )  # fmt: skip
    where = (
        ("job_name", name),
        *(
            (column, value)
            for column, value in (
                ("account_id", canvas.param(JOB_ACCOUNT)),
                ("region", canvas.param(JOB_REGION)),
            )
            if value
        ),
    )
    jobs = query_rows(reader, "job_story", Filters(where=where))
    canvas.header(formats.plain(name))
    if jobs.empty:
        canvas.notice(
            "There is no training job of this name in the records. Jobs that still wait in a queue"
            " are on the Shares page; others may not be imported yet.",
            icon=":material/search_off:",
        )
        links.page_link(canvas, "data", "See what is imported")
        return
    if len(jobs) > 1:
        _ask_which(canvas, jobs)
        return
    job = first_row(jobs)
    of_job = Filters(
        where=(("job_name", name), ("account_id", job.account_id), ("region", job.region))
    )
    canvas.note(_facts(job))
    _draw_answer(canvas, job)
    canvas.kpis(_kpis(job))
    _draw_neighbours(canvas, job)
    canvas.subheader("Phases")
    draw_phases(canvas, query_rows(reader, "job_phases", of_job))
    canvas.subheader("What its hosts did")
    draw_job_series(canvas, reader, of_job)
    canvas.subheader("Everything recorded")
    canvas.expander("Table: the job's record").table(
        jobs,
        query_named("job_story").columns,
        key="story_table",
        alt="The job's record: one row with every column",
        what="jobs",
        file_name="job_story",
    )
    row = canvas.row()
    links.definition(row, "helpful_keep_alive_s", "How is what would have helped found?")
    links.definition(row, "list_cost_usd", "What does the cost count?")
    links.sql(row, "job_story", of_job)


def _leave(canvas: Canvas) -> None:
    for name in (JOB, JOB_ACCOUNT, JOB_REGION):
        canvas.write(name, None)


def _ask_which(canvas: Canvas, jobs: pd.DataFrame) -> None:
    canvas.text(f"{formats.count(len(jobs), 'job')} have this name. Choose one:")

    def open_job(position: int) -> None:
        job = first_row(jobs.iloc[[position]])
        canvas.write(JOB_ACCOUNT, job.account_id)
        canvas.write(JOB_REGION, job.region)

    canvas.leading_table(
        jobs,
        ["created_at", "account_id", "region", "user_name", "status", "outcome", "total_usd"],
        key="namesakes",
        alt="Jobs of this name, newest first",
        what="jobs",
        on_choose=open_job,
        placeholder="",
    )


def _facts(job: Any) -> str:
    facts = [
        f"Created {formats.moment(job.created_at)}",
        formats.text(job.status),
        f"{formats.text(job.instance_type)} x {formats.count(job.instance_count)}",
        f"input mode {label('input_mode', job.input_mode)}",
        f"user {formats.plain(job.user_name)}",
        f"{formats.plain(job.account_id)}, {formats.plain(job.region)}",
    ]
    if not formats.is_unknown(job.queue_name):
        facts.append(f"queue {formats.plain(job.queue_name)}")
        facts.append(f"share {formats.plain(job.share_name)}")
    return " · ".join(facts)


def _draw_answer(canvas: Canvas, job: Any) -> None:
    """Say whether the job started warm and why not; what would have helped; why it failed."""
    if not formats.is_unknown(job.failure_reason):
        canvas.notice(
            f"**{formats.text(job.status)}.** {formats.plain(job.failure_reason)}",
            icon=":material/error:",
            tone="error",
        )
    if job.outcome == "hit":
        canvas.notice(_hit(job), icon=":material/local_fire_department:", tone="success")
    elif job.outcome == "miss":
        canvas.notice(_miss(job), icon=":material/ac_unit:", tone="warning")
    else:
        canvas.notice(
            f"**No warm start possible: {label('eligibility', job.eligibility).lower()}.**"
            f" {formats.text(job.explanation) if job.explanation else ''}",
            icon=":material/info:",
        )


def _hit(job: Any) -> str:
    gap = (
        ""
        if formats.is_unknown(job.gap_s)
        else f", which had been idle for {formats.duration(max(job.gap_s, 0.0))}"
    )
    saved = (
        ""
        if formats.is_unknown(job.wait_saved_per_hit_s)
        else f" A hit of this pool saves about {formats.duration(job.wait_saved_per_hit_s)}."
    )
    return (
        f"**Warm start ({label('evidence', job.evidence).lower()}).** It reused the cluster of"
        f" {_name(job.donor_job_name)}{gap}.{saved}"
    )


def _miss(job: Any) -> str:
    sentences = [
        f"**Cold start: {label('miss_reason', job.miss_reason).lower()}.**",
        job.explanation,
    ]
    if not formats.is_unknown(job.missed_by_s):
        sentences.append(f"It missed by {formats.duration(job.missed_by_s)}.")
    if not formats.is_unknown(job.missed_donor_job_name):
        sentences.append(f"Nearest candidate: the cluster of {_name(job.missed_donor_job_name)}.")
    helped = formats.plain(job.next_action)
    if not formats.is_unknown(job.helpful_keep_alive_s):
        saved = (
            ""
            if formats.is_unknown(job.wait_saved_per_hit_s)
            else f", and saved about {formats.duration(job.wait_saved_per_hit_s)}"
        )
        helped += (
            f" It is that of {_name(job.helpful_donor_job_name)}{saved}, in a replay that reuses"
            " the newest free cluster first."
        )
    sentences.append(f"\n\n**What would have helped.** {helped}")
    return " ".join(sentences)


def _name(job_name: Any) -> str:
    return "another job" if formats.is_unknown(job_name) else f"*{formats.plain(job_name)}*"


def _kpis(job: Any) -> list[Kpi]:
    return [_startup(job), _queue(job), _cost(job), _idle(job)]


def _startup(job: Any) -> Kpi:
    return Kpi(
        "Startup latency",
        formats.duration(job.startup_latency_s),
        f"provisioning {formats.duration(job.provisioning_s)} (not billed), download"
        f" {formats.duration(job.download_s)} (billed)",
        "From creation to the first Training status.",
    )


def _queue(job: Any) -> Kpi:
    if formats.is_unknown(job.queue_name):
        return Kpi("Queue wait", "none", "the job went through no queue")
    parts = [f"share {formats.text(job.share_name)}"]
    if not formats.is_unknown(job.scheduling_priority):
        parts.append(f"priority {formats.count(job.scheduling_priority)}")
    if not formats.is_unknown(job.attempt_count):
        parts.append(
            f"{formats.count(job.attempt_count, 'attempt')}, of which"
            f" {formats.count(job.preempted_attempt_count)} preempted"
        )
    return Kpi(
        "Queue wait", formats.hours(job.queue_wait_s), ", ".join(parts),
        "From the request until the job first left its queue.",
    )  # fmt: skip


def _cost(job: Any) -> Kpi:
    price = (
        ""
        if formats.is_unknown(job.usd_per_h)
        else f"; cluster at {formats.usd(job.usd_per_h)} an hour"
    )
    note = "" if formats.is_unknown(job.price_note) else f" ({job.price_note})"
    return Kpi(
        "Cost (USD)",
        formats.usd_amount(job.total_usd),
        f"run {formats.usd(job.run_usd)}, billed startup {formats.usd(job.billed_startup_usd)},"
        f" idle after it {formats.usd(job.retained_usd)}{price}{note}",
        "Billable time, and the idle cluster after the job, at on-demand list prices.",
    )


def _idle(job: Any) -> Kpi:
    if not formats.is_unknown(job.reusing_job_name):
        end = "then another job reused it"
    elif not formats.is_unknown(job.retained_s) and job.retained_s > 0:
        end = "no job is known to have reused it"
    else:
        end = ""
    period = (
        "keep-alive period unknown"
        if formats.is_unknown(job.keep_alive_period_s)
        else f"keep-alive period {int(job.keep_alive_period_s):,} s"
    )
    return Kpi(
        "Cluster idle after it",
        formats.duration(job.retained_s),
        f"{period}{'; ' if end else ''}{end}",
        "How long AWS kept the cluster warm after the job.",
    )


def _draw_neighbours(canvas: Canvas, job: Any) -> None:
    """Draw the ways on: whose cluster it had, who had its own, its user, its pool, that moment."""
    row = canvas.row()
    for key, name, before in (
        ("donor", job.donor_job_name, "It reused the cluster of"),
        ("keeper", _keeper(job), "The cluster to keep was of"),
        ("reuser", job.reusing_job_name, COLUMNS["reusing_job_name"].heading),
    ):
        if not formats.is_unknown(name):
            _go(canvas, row, f"to_{key}", f"{before} {formats.plain(name)}",
                job_params(name, job.account_id, job.region))  # fmt: skip
    if not formats.is_unknown(job.user_name):
        _go(canvas, row, "to_user", f"All jobs of {formats.plain(job.user_name)}",
            {USER: job.user_name})  # fmt: skip
    if formats.is_unknown(job.pool_key):
        return
    row = canvas.row()
    links.page_link(
        row, "pool_timeline", "See that moment on the pool's timeline",
        pool=job.pool_key, job=job.job_name, span=SPAN,
        **{"from": (job.created_at - BEFORE).strftime("%Y-%m-%dT%H:%M")},
    )  # fmt: skip
    links.page_link(row, "keep_alive", "Compare keep-alive periods of its pool", pool=job.pool_key)


def _keeper(job: Any) -> Any:
    """Return whose cluster was to be kept; None where AWS keeps none for so long."""
    return None if formats.is_unknown(job.helpful_keep_alive_s) else job.helpful_donor_job_name


def _go(canvas: Canvas, row: Canvas, key: str, label: str, params: Mapping[str, str]) -> None:
    """Draw a way to another job, or to a user: a link to the page on show looks like its tab."""

    def go() -> None:
        for name in (JOB, JOB_ACCOUNT, JOB_REGION):
            canvas.write(name, params.get(name))
        if USER in params:
            canvas.write(USER, params[USER])
            canvas.write(TEXT, None)  # all of theirs

    row.button(label, key=key, on_click=go, icon=ARROW, is_quiet=True)
