"""What a page says besides its answer: errors, empty states, what its figures are based on."""

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd

from analytics.query import Filters
from data.errors import StokerError
from data.store.reader import Reader
from pages.kit import demo, filters, formats, links
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.labels import label
from pages.kit.rows import records


@contextmanager
def shown_errors(canvas: Canvas) -> Iterator[None]:
    """Turn a StokerError into a notice and end the block; let every other error pass."""
    try:
        yield
    except StokerError as error:
        show_error(canvas, error)


def show_error(canvas: Canvas, error: StokerError) -> None:
    """Say what went wrong, and what to do."""
    canvas.notice(formats.plain(error.what), icon=":material/error:", tone="error")
    canvas.notice(formats.plain(error.next_action), icon=":material/build:")


def has_jobs(canvas: Canvas, reader: Reader) -> bool:
    """Whether the store has any job; if not, say why and what to do."""
    if not query_rows(reader, "coverage", of_kind="jobs", by="source").empty:
        return True
    box = canvas.box()
    box.header("No jobs yet")
    box.text(
        "Stoker reads the history of your SageMaker training jobs, from AWS or from files. It"
        " writes nothing to AWS, and nothing leaves this machine."
    )
    box.text(
        "**Bring your jobs** on the Data page, or from a terminal with `stoker sync` (from AWS) or"
        " `stoker ingest jobs.json`."
    )
    box.link("data", "Read from AWS, or upload job history")
    demo.offer(box)
    return False


def no_match(canvas: Canvas) -> None:
    """Say that the filters leave nothing, and offer to clear them."""
    canvas.notice(
        "No job matches these filters. Choose a longer time range, or clear the filters.",
        icon=":material/filter_alt:",
    )
    canvas.button("Show all jobs", key="clear_from_notice", on_click=lambda: filters.clear(canvas))


def sample_line(canvas: Canvas, reader: Reader, jobs: Filters) -> bool:
    """Say which jobs the page shows, and as of when; False where there are none."""
    counts = query_rows(reader, "warm_pool_hit_rate", jobs, by="all")
    job_count = 0 if counts.empty else int(counts["job_count"].iloc[0])
    if not job_count:
        no_match(canvas)
        return False
    coverage = query_rows(reader, "coverage", of_kind="jobs", by="source")
    first, last = coverage["first_created_at"].min(), coverage["last_created_at"].max()
    first = max(first, jobs.since) if jobs.since else first
    last = min(last, formats.last_moment(jobs.until)) if jobs.until else last
    parts = (
        f"**{formats.count(job_count, 'job')}** created {formats.days(first, last)} (UTC)",
        _gaps(int(coverage["empty_day_count"].max()), int(coverage["longest_gap_days"].max())),
        f"as of {formats.moment(canvas.view.as_of)}",
    )
    canvas.note(" · ".join(parts))
    return True


def data_quality_notes(canvas: Canvas, findings: pd.DataFrame) -> None:
    """Say what stands out in the records, and what to do about it."""
    if findings.empty:
        return
    canvas.header("Data quality notes")
    canvas.text(
        "\n".join(
            f"- **{label('finding', finding.finding)}**"
            f" ({formats.count(finding.job_count, 'job')},"
            f" such as {formats.plain(finding.example_job_name)})."
            f" {finding.explanation} {finding.next_action}"
            for finding in records(findings)
        )
    )
    links.named_jobs(canvas, findings["example_job_name"])


def price_line(estimated_usd: float, total_usd: float, unknown_price_job_count: int) -> str:
    """Return how far costs are based on estimates, and what they leave out."""
    parts = []
    if not formats.is_unknown(estimated_usd) and estimated_usd:
        parts.append(
            f"{formats.share_of(estimated_usd, total_usd)} of the total"
            f" ({formats.usd(estimated_usd)}) is based on estimated prices."
        )
    elif not formats.is_unknown(total_usd):
        parts.append("No cost shown is based on estimated prices.")
    if unknown_price_job_count:
        parts.append(
            f"{formats.count(unknown_price_job_count, 'job')} without a known price"
            f" {'is' if unknown_price_job_count == 1 else 'are'} left out."
        )
    return " ".join(parts)


def _gaps(empty_day_count: int, longest_gap_days: int) -> str:
    if not empty_day_count:
        return "no day without jobs"
    return (
        f"{formats.count(empty_day_count, 'day')} without jobs"
        f" (longest gap {formats.count(longest_gap_days, 'day')})"
    )
