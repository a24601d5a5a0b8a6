"""The list of jobs: what is looked for, in which order, and the row that is chosen."""

from dataclasses import replace

import pandas as pd

from analytics.catalog import query_named
from analytics.query import Filters, run_query
from data.store.reader import Reader
from pages.kit import formats, links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.labels import label
from pages.kit.row_links import job_params
from pages.kit.rows import first_row

TEXT, SORT, DIRECTION, STATUS, OUTCOME = "text", "sort", "order", "status", "outcome"
MOST_ROWS, HEIGHT = 200, 560
SORTS = {
    "created": "Created",
    "name": "Name",
    "user": "User",
    "status": "Status",
    "type": "Instance type",
    "share": "Share",
    "pool": "Pool",
    "outcome": "Outcome",
    "startup": "Startup latency",
    "billable": "Billable time",
    "cost": "Cost",
    "idle_cost": "Idle cost after it",
}
DIRECTIONS = {"descending": "Descending", "ascending": "Ascending"}
STATUSES = ("InProgress", "Completed", "Failed", "Stopping", "Stopped")
NO_OUTCOME = "none"
OUTCOMES = {
    "hit": label("outcome", "hit"),
    "miss": label("outcome", "miss"),
    NO_OUTCOME: "Not eligible",
}
COLUMNS = (
    "created_at", "job_name", "user_name", "status", "outcome", "miss_reason", "startup_latency_s",
    "list_cost_usd", "retained_cost_usd", "instance_type", "instance_count", "share_name",
    "pool_label", "region", "account_id",
)  # fmt: skip


def draw(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    """Draw the list of the jobs that pass the filters and hold the text."""
    canvas.header("Find a job")
    _draw_list(canvas, reader, jobs)


def _draw_list(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    row = canvas.row()
    text = row.search(
        "Search", key=TEXT, placeholder="name, user, share, pool, miss reason", width=260
    )
    status = row.optional_select("Status", STATUSES, key=STATUS, placeholder="Any", width=130)
    outcome = row.optional_select("Outcome", OUTCOMES, key=OUTCOME, placeholder="Any", width=130)
    sort_by = row.select("Sort by", SORTS, key=SORT, width=160)
    direction = row.segments("Order", DIRECTIONS, key=DIRECTION)
    chosen = _narrowed(jobs, status, outcome)
    given = {"text": text, "sort_by": sort_by, "direction": direction}
    found = query_rows(reader, "job_search", chosen, limit=MOST_ROWS, **given)
    if found.empty:
        canvas.notice(
            "No job matches this search. Every word must be part of the job's name, user, status,"
            " instance type, share, queue, pool, outcome or miss reason.",
            icon=":material/search_off:",
        )
        return
    match_count = int(first_row(found).match_count)
    shown = f"; the first {formats.count(len(found))} are shown" if match_count > len(found) else ""
    canvas.note(
        f"**{formats.count(match_count, 'job')}** {'matches' if match_count == 1 else 'match'}"
        f"{shown}. Sorted by {SORTS[sort_by].lower()}, {DIRECTIONS[direction].lower()}."
    )
    canvas.hint(
        "Choose a row to read the job's story. **Sort by** sorts all jobs; a heading, those shown."
    )
    canvas.leading_table(
        found,
        COLUMNS,
        key="jobs",
        alt=f"Jobs with user, status, outcome, startup latency and cost, sorted by"
        f" {SORTS[sort_by].lower()}",
        what="jobs",
        on_choose=lambda position: _open(canvas, found, position),
        placeholder="",
        height=HEIGHT,
    )
    canvas.downloads(
        lambda: run_query(reader, query_named("job_search"), chosen, limit=0, **given),
        "jobs",
        key="jobs",
    )
    row = canvas.row()
    links.definition(row, "list_cost_usd")
    links.definition(row, "miss_reason", "What do miss reasons mean?")
    links.sql(row, "job_search", chosen, **given)


def _open(canvas: Canvas, found: pd.DataFrame, position: int) -> None:
    """Put the job of a row into the URL: the page is drawn again, with its story."""
    job = first_row(found.iloc[[position]])
    for name, value in job_params(job.job_name, job.account_id, job.region).items():
        canvas.write(name, value)


def _narrowed(jobs: Filters, status: str | None, outcome: str | None) -> Filters:
    further = []
    if status is not None:
        further.append(("status", status))
    if outcome is not None:
        further.append(("outcome", "" if outcome == NO_OUTCOME else outcome))
    return replace(jobs, where=(*jobs.where, *further))
