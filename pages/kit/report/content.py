"""The content of a report, drawn without a session: what the pages draw, and what stands behind.

Each section is a page as its own `render` draws it, so that a figure in a report is the one on the
screen.
"""

from collections.abc import Iterable
from datetime import timedelta

from analytics.query import Filters
from data.store.clock import now_of
from data.store.reader import Reader
from pages.kit import formats
from pages.kit.blocks import Block, Group, Part, View
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.catalog import page_named
from pages.kit.filters import as_params
from pages.kit.frame import draw_page
from pages.kit.messages import has_jobs, sample_line
from pages.kit.metric_docs import MetricDoc, metric_docs
from pages.kit.report import advice
from pages.kit.report.sections import Section, metrics_of, picked

TITLE = "Stoker report"
FIRST = Section("overview", without=frozenset({"Data quality notes"}))
SECTIONS = (
    Section(
        "keep_alive",
        without=frozenset(
            {
                "Best period by cost of delay",
                "Two periods side by side",
                "By user, weekday or hour",
                "Advice for each pool",
            }
        ),
    ),
    Section("startup_latency"),
    Section("shares"),
    Section("utilization", without=frozenset({"One job"})),
)
WITH_QUEUES = "shares"
QUEUE_DAYS = (1, 7, 30, 90)
MOST_REJECTED = 20
ADVICE, DEFINITIONS, DATA = "Advice", "Definitions", "Data behind this report"


def report_view(reader: Reader, jobs: Filters) -> View:
    """Return the report on the jobs that pass the filters.

    Raises:
        WrongUseError: jobs cannot be filtered like that.
    """
    jobs.condition()  # a wrong column is refused before any work is done
    with reader.snapshot():
        canvas = Canvas.begin("report", reader, {}, jobs=jobs)
        canvas.title(TITLE)
        _note_filters(canvas, jobs)
        if has_jobs(canvas, reader) and sample_line(canvas, reader, jobs):
            _draw(canvas, reader, jobs)
    return canvas.view


def has_content(view: View) -> bool:
    """Whether there were jobs to report on."""
    return any(isinstance(block, Group) and block.layout == "section" for block in view.blocks())


def _draw(canvas: Canvas, reader: Reader, jobs: Filters) -> None:
    metrics: list[str] = []
    _draw_page(canvas, reader, jobs, FIRST, metrics)
    of_advice = _section(canvas, ADVICE)
    advice.draw_advice(of_advice, reader, jobs)
    metrics += advice.METRICS
    for section in SECTIONS:
        _draw_page(canvas, reader, jobs, section, metrics)
    _draw_data(_section(canvas, DATA), reader)
    _draw_definitions(_section(canvas, DEFINITIONS), metrics)


def _note_filters(canvas: Canvas, jobs: Filters) -> None:
    since = f"from {formats.moment(jobs.since)}" if jobs.since else ""
    until = f"before {formats.moment(jobs.until)}" if jobs.until else ""
    canvas.setting("Jobs created", " and ".join(filter(None, (since, until))) or "at any time")
    for name, value in jobs.where:
        canvas.setting(name, value or formats.UNKNOWN)


def _section(canvas: Canvas, title: str, blocks: Iterable[Block] = ()) -> Canvas:
    part = Part(list(blocks))
    canvas.record(Group("section", (part,), (title,)))
    return Canvas(canvas.visit, part)


def _draw_page(
    canvas: Canvas, reader: Reader, jobs: Filters, section: Section, metrics: list[str]
) -> None:
    """Draw what a page shows of these jobs, if it has any figure of them."""
    entry = page_named(section.page)
    is_of_queues = section.page == WITH_QUEUES
    params = {"days": [_queue_days(reader, jobs)]} if is_of_queues else as_params(jobs)
    page = Canvas.begin(entry.name, reader, dict(params), jobs=jobs)
    draw_page(entry, page, reader)
    blocks = picked(page.view, section)
    if not blocks:
        return
    metrics += metrics_of(page.view)
    part = _section(canvas, entry.page.title)
    if is_of_queues and (jobs.where or jobs.until):
        part.notice(
            "This section is about a whole queue up to its newest record: it cannot be narrowed to"
            " the jobs of this report."
        )
    settings = page.view.settings()
    if settings:
        part.note(" · ".join(formats.plain(f"{one.label}: {one.value}") for one in settings))
    for block in blocks:
        part.record(block)


def _queue_days(reader: Reader, jobs: Filters) -> str:
    """Return the shortest time range of the Shares page that reaches back far enough."""
    if jobs.since is None:
        return "all"
    length = now_of(reader.home) - jobs.since
    return next((str(days) for days in QUEUE_DAYS if length <= timedelta(days=days)), "all")


def _draw_data(canvas: Canvas, reader: Reader) -> None:
    """Draw what the records cover, and what of them could not be used."""
    coverage = query_rows(reader, "coverage", by="source")
    canvas.text("All records, whichever jobs this report is about.")
    canvas.table(
        coverage.rename(columns={"source": "record_kind"}),
        ["record_kind", "record_count", "first_record_at", "last_record_at", "longest_gap_days",
         "empty_day_count", "with_transitions_ratio", "with_resources_ratio", "last_read_at"],
        key="report_coverage",
        alt="Records by source: the time that they cover, and gaps",
        what="sources",
        placeholder="",
    )  # fmt: skip
    imports = query_rows(reader, "imports")
    failed = imports[imports["import_status"] == "failed"]
    rejected = query_rows(reader, "rejected_rows")
    canvas.subheader("Rejected records")
    if failed.empty and rejected.empty:
        canvas.text("None. Every record so far could be used.")
        return
    if len(rejected):
        canvas.text(f"{formats.count(len(rejected), 'record')} could not be used.")
        canvas.table(
            rejected.iloc[::-1].head(MOST_REJECTED),
            ["file_name", "row_number", "reason", "next_action"],
            key="report_rejected",
            alt=f"The newest rejected records, {MOST_REJECTED} at most",
            what="records",
            placeholder="",
        )
    if len(failed):
        canvas.text(f"{formats.count(len(failed), 'file')} could not be imported.")
        canvas.table(
            failed.iloc[::-1].head(MOST_REJECTED),
            ["file_name", "reason", "next_action"],
            key="report_failed",
            alt=f"The newest files that could not be imported, {MOST_REJECTED} at most",
            what="files",
            placeholder="",
        )


def _draw_definitions(canvas: Canvas, metrics: Iterable[str]) -> None:
    docs = {doc.id: doc for doc in metric_docs()}
    found = [docs[metric] for metric in dict.fromkeys(metrics) if metric in docs]
    if not found:
        canvas.text("This installation comes without the pages of docs/metrics.")
    for doc in sorted(found, key=lambda doc: doc.title.lower()):
        canvas.subheader(doc.title)
        canvas.text(_in_short(doc))


def _in_short(doc: MetricDoc) -> str:
    """Return what a metric is and its formula, without what only those need who check it."""
    parts = doc.part("Definition"), doc.part("Formula")
    return "\n\n".join(part for part in parts if part)
