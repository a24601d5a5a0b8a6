"""One job: a metric of every host over time, beside the job's phases."""

from typing import Any

from analytics.query import Filters
from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.job.series import draw_job_series
from pages.kit.rows import first_row

JOB, IDLE_JOB = "job", "idle_job"


def draw_job(canvas: Canvas, reader: Reader) -> None:
    """Draw the series of the job that is looked for, else of the one chosen above."""
    canvas.header("One job")
    name = canvas.search("Job name", key=JOB, placeholder="Name of a job", width=420)
    name = name or canvas.param(IDLE_JOB) or ""
    if not name:
        canvas.hint("Choose a job above, or enter its name, to see every host of it over time.")
        return
    canvas.subheader(formats.plain(name))
    of_job = Filters(where=(("job_name", name),))
    records = query_rows(reader, "jobs", of_job)
    if records.empty:
        canvas.notice("There is no job of this name.", icon=":material/search_off:")
        return
    _say_what_it_is(canvas, first_row(records))
    job = first_row(records)
    links.job(canvas, job.job_name, job.account_id, job.region)
    draw_job_series(canvas, reader, of_job)


def _say_what_it_is(canvas: Canvas, job: Any) -> None:
    facts = [
        f"{formats.text(job.instance_type)} x {formats.count(job.instance_count)}",
        f"user {formats.plain(job.user_name)}",
        f"share {formats.plain(job.share_name)}",
        f"status {formats.text(job.status)}",
        f"training started {formats.moment(job.training_started_at)}",
    ]
    canvas.note(" · ".join(facts))
