"""Which queue the page replays, and over which time: URL parameters `queue`, `since`, `until`."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from analytics.query import Filters
from data.store.reader import Reader
from pages.kit import demo, filters, formats
from pages.kit.cache import query_rows
from pages.kit.canvas import Canvas
from pages.kit.rows import records

QUEUE = "queue"
ALL_TIME, CUSTOM = "All data", "Custom range"
PRESETS = {"Last 7 days": 7, "Last 30 days": 30, "Last 90 days": 90}
DAY = timedelta(days=1)


def pick_jobs(canvas: Canvas, reader: Reader) -> Filters | None:
    """Draw the choices and return the jobs of the queue; None where there is no queue."""
    every = query_rows(reader, "queue_counts")
    if every.empty:
        _say_why(canvas)
        return None
    row = canvas.row()
    labels = {formats_key(queue.queue_name): queue_label(queue) for queue in records(every)}
    name = row.select("Queue", labels, key=QUEUE, width=320,
                      help="The queue with most jobs comes first.")  # fmt: skip
    queue = next(one for one in records(every) if formats_key(one.queue_name) == name)
    bounds = _bounds(canvas)
    _draw_time_range(row, bounds, queue)
    since, until = bounds
    return Filters(_instant(since), _instant(until), (("queue_name", name),))


def formats_key(queue_name: Any) -> str:
    """Return how a queue stands in the URL; no queue is an empty text."""
    return "" if formats.is_unknown(queue_name) else str(queue_name)


def queue_label(queue: Any) -> str:
    """Return how people read a queue in the list."""
    return (
        f"{formats_key(queue.queue_name) or 'no queue'} ({formats.count(queue.job_count, 'job')})"
    )


def _say_why(canvas: Canvas) -> None:
    box = canvas.box()
    box.header("No queue yet")
    box.text(
        "A replay needs jobs that went through a queue: AWS Batch service jobs, or the export of"
        " any scheduler with queues or shares."
    )
    box.text("**Import them:** upload list-service-jobs answers or an export on the Data page.")
    box.link("data", "Upload job history")
    demo.offer(box)


def _bounds(canvas: Canvas) -> tuple[date | None, date | None]:
    """Return the first day and the day after the last, as the URL says."""
    asked = filters.of_url(canvas)
    since, until = (bound and bound.date() for bound in (asked.since, asked.until))
    return (None, None) if since and until and since >= until else (since, until)


def _instant(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=UTC) if day else None


def _draw_time_range(canvas: Canvas, bounds: tuple[date | None, date | None], queue: Any) -> None:
    since, until = bounds
    first, last = queue.first_created_at.date(), queue.last_created_at.date()
    starts = {name: last - timedelta(days=length - 1) for name, length in PRESETS.items()}
    value = ALL_TIME if since is None and until is None else CUSTOM
    if until is None and since in starts.values():
        value = next(name for name, start in starts.items() if start == since)

    def choose(since: date | None, until: date | None) -> None:
        for name, day in (("since", since), ("until", until)):
            canvas.write(name, day.isoformat() if day else None)

    def change(new: str) -> None:
        if new == CUSTOM:
            choose(first, last + DAY)
        else:
            choose(starts.get(new), None)

    canvas.select(
        "Time range", [ALL_TIME, *PRESETS, CUSTOM], key="time_range", value=value,
        on_change=change, width=200, help="When jobs were requested. Days are in UTC.",
    )  # fmt: skip
    if value != CUSTOM:
        return
    from_day, through = since or first, formats.day_before(until) if until else last
    canvas.date("From (UTC)", key="first_day", value=from_day, width=170,
                on_change=lambda new: choose(new, max(new, through) + DAY))  # fmt: skip
    canvas.date("Through (UTC)", key="last_day", value=through, width=170,
                on_change=lambda new: choose(min(from_day, new), new + DAY))  # fmt: skip


def as_params(jobs: Filters) -> dict[str, list[str]]:
    """Return the choice as parameters of a link to this page."""
    days = filters.as_params(replace(jobs, where=()))
    return {QUEUE: [dict(jobs.where)["queue_name"]], **days}
