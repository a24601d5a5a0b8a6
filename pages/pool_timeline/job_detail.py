"""One job of the timeline: which one, whether it hit and why not, and its phases."""

from typing import Any

import pandas as pd

from analytics.query import Filters
from analytics.vocabulary import MISS_REASONS
from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.job.phases import draw_phases
from pages.kit.labels import label
from pages.kit.rows import first_row, records
from pages.pool_timeline.panels import Panel

JOB = "job"


def choose_job(canvas: Canvas, segments: pd.DataFrame) -> None:
    """Draw the choice of a job, for those who do not click on bars."""
    runs = segments[segments["segment"] == "run"].sort_values(["start_at", "job_name"])
    canvas.optional_select(
        "Job", {run.job_name: _run_label(run) for run in records(runs)}, key=JOB,
        placeholder="Click a bar above, or choose a job",
    )  # fmt: skip


def draw_job(
    canvas: Canvas, reader: Reader, of_pool: Filters, pool_key: str, panels: list[Panel]
) -> None:
    """Draw the job of the URL, if there is one."""
    name = canvas.param(JOB)
    if not name:
        return
    pool_terms = tuple(term for term in of_pool.where if term[0] == "pool_key")
    of_job = Filters(where=(*pool_terms, ("job_name", name)))
    jobs = query_rows(reader, "jobs", of_job)
    if jobs.empty:
        canvas.notice("The job of this link is not in this pool.", icon=":material/search_off:")
        return
    job = first_row(jobs)
    canvas.header(formats.plain(name))
    others: list[object] = []
    for panel in panels:
        segments = query_rows(
            reader, "pool_timeline", of_job, pool_key=pool_key, period_s=panel.period_s
        )
        if segments.empty:
            canvas.text("This job could not use a warm pool:"
                        f" {label('eligibility', job.eligibility).lower()}.")  # fmt: skip
            break
        run = first_row(segments[segments["segment"] == "run"])
        canvas.text(f"{panel.title}: {_outcome(run, job if panel.is_actual else None)}")
        others.append(run.donor_job_name if run.is_hit else run.missed_donor_job_name)
    links.named_jobs(canvas, others)
    _draw_facts(canvas, job)
    draw_phases(canvas, query_rows(reader, "job_phases", of_job))
    row = canvas.row()
    links.job(row, job.job_name, job.account_id, job.region)
    links.sql(row, "job_phases", of_job)


def _run_label(run: Any) -> str:
    outcome = "hit" if run.is_hit else f"miss: {label('miss_reason', run.miss_reason).lower()}"
    return f"{run.start_at:%d %b %H:%M} · {run.job_name} · {outcome}"


def _outcome(run: Any, job: Any | None) -> str:
    """Say whether a job hit, and which cluster or why not; `job` has what was observed."""
    if run.is_hit:
        evidence = "" if job is None else f" ({label('evidence', job.evidence).lower()})"
        gap = ""
        if job is not None and not formats.is_unknown(job.gap_s):
            gap = f", which had been idle for {formats.duration(job.gap_s)}"
        return f"**Hit**{evidence}. It reused the cluster of {_name(run.donor_job_name)}{gap}."
    sentences = [f"**Miss: {label('miss_reason', run.miss_reason).lower()}.**"]
    if job is None and run.miss_reason == "not_kept":
        sentences.append("With a period of 0 s no cluster is kept warm.")
    else:
        sentences.append(MISS_REASONS[run.miss_reason].meaning)
    if not formats.is_unknown(run.missed_by_s):
        sentences.append(f"It missed by {formats.duration(run.missed_by_s)}.")
    if run.missed_donor_job_name:
        candidate = _name(run.missed_donor_job_name)
        sentences.append(f"Nearest candidate: the cluster of {candidate}.")
    if job is not None and not formats.is_unknown(job.differing_fields):
        sentences.append(f"Differing fields: {formats.plain(job.differing_fields)}.")
    return " ".join(sentences)


def _name(job_name: str) -> str:
    return f"*{formats.plain(job_name)}*" if job_name else "another job"


def _draw_facts(canvas: Canvas, job: Any) -> None:
    facts = [
        f"Created {formats.moment(job.created_at)}",
        f"status {formats.text(job.status)}",
        f"startup {formats.duration(job.startup_latency_s)}",
        f"keep-alive {_seconds(job.keep_alive_period_s)}",
        f"retained {_seconds(job.retained_s)}",
        f"user {formats.plain(job.user_name)}",
    ]
    canvas.note(" · ".join(facts))


def _seconds(value: float) -> str:
    return "unknown" if formats.is_unknown(value) else f"{int(value):,} s"
