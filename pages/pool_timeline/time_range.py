"""Which span of time the timeline shows: the URL parameters `span` and `from`."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd

from analytics.query import Filters
from pages.kit import formats
from pages.kit.canvas import Canvas

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHOLE = "all"
LENGTHS = {"1h": HOUR, "6h": 6 * HOUR, "1d": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
LABELS = {"1h": "1 hour", "6h": "6 hours", "1d": "1 day", "7d": "7 days", "30d": "30 days",
          WHOLE: "All"}  # fmt: skip
FEW_JOBS, MANY_JOBS = 5, 100

SPAN, FROM = "span", "from"


def choose_span(canvas: Canvas, hours: pd.DataFrame, jobs: Filters) -> Filters:
    """Draw the choice of a span and return the filters narrowed to it.

    `hours` has one row an hour with jobs (`bin_at`, `job_count`), at least one, in time. A span
    begins where its clock does: an hour at a full one, a day at midnight UTC.
    """
    times = [instant.to_pydatetime() for instant in hours["bin_at"]]
    name, seen = canvas.param(SPAN), times[-1]
    if name not in LABELS:
        name, seen = _readable(hours)
    begin = None if name == WHOLE else _begin(canvas.param(FROM), name, seen)
    _write(canvas, name, begin)
    inside = times if begin is None else [t for t in times if begin <= t < begin + LENGTHS[name]]
    last = (inside or times)[-1]
    row = canvas.row()
    row.segments(
        "Time range of the timeline", LABELS, key=SPAN, value=name,
        on_change=lambda new: _write(
            canvas, new, None if new == WHOLE else _last_begin(new, last)
        ),
    )  # fmt: skip
    if begin is None:
        return jobs
    end = begin + LENGTHS[name]
    earlier = [hour for hour in times if hour < begin]
    later = [hour for hour in times if hour >= end]
    _step(row, canvas, "Earlier", name, _last_begin(name, earlier[-1]) if earlier else None)
    _step(row, canvas, "Later", name, _first_begin(name, later[0]) if later else None)
    text = _text(begin, end)
    canvas.setting("Time range of the timeline", text)
    row.aside().text(f"**{text}**")
    since = begin if jobs.since is None else max(begin, jobs.since)
    until = end if jobs.until is None else min(end, jobs.until)
    return replace(jobs, since=since, until=max(since, until))


def forget_span(canvas: Canvas) -> None:
    """Take the span out of the URL: the next one is chosen to be readable."""
    for key in (SPAN, FROM):
        canvas.write(key, None)


def _step(row: Canvas, canvas: Canvas, label: str, name: str, target: datetime | None) -> None:
    side = "left" if label == "Earlier" else "right"
    row.button(
        label, key=f"span_{label.lower()}", icon=f":material/chevron_{side}:",
        on_click=lambda: _write(canvas, name, target), is_disabled=target is None,
        help="The nearest time range with jobs",
    )  # fmt: skip


def _readable(hours: pd.DataFrame) -> tuple[str, datetime]:
    """Return a length, and an hour in it, with enough jobs to see something but not too many."""
    jobs = hours.set_index("bin_at")["job_count"]
    for name in ("1d", "7d", "30d"):
        sums = jobs.resample("D").sum().rolling(LENGTHS[name]).sum()
        enough = sums[sums >= FEW_JOBS]
        if not enough.empty:
            break
    else:
        return "30d", hours["bin_at"].iloc[-1].to_pydatetime()
    day = enough.index[-1]
    seen = jobs[: day + DAY - HOUR].index[-1]
    if name == "1d" and enough.iloc[-1] > MANY_JOBS:
        part = jobs[seen.floor("6h") : seen].sum()
        name = "6h" if part <= MANY_JOBS else "1h"
    return name, seen.to_pydatetime()


def _begin(start: str | None, name: str, last: datetime) -> datetime:
    """Return where the span of the URL begins, else the last span with jobs."""
    try:
        instant = datetime.fromisoformat(start or "")
        in_utc = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
        begin = _first_begin(name, in_utc)
        _ = begin + LENGTHS[name]
    except (ValueError, OverflowError):
        return _last_begin(name, last)
    return begin


def _first_begin(name: str, instant: datetime) -> datetime:
    """Return the begin of the span that begins with this instant's hour, part of a day or day."""
    step = min(LENGTHS[name], DAY)
    midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (instant - midnight) // step * step


def _last_begin(name: str, instant: datetime) -> datetime:
    """Return the begin of the span that ends with it."""
    step = min(LENGTHS[name], DAY)
    return _first_begin(name, instant) + step - LENGTHS[name]


def _write(canvas: Canvas, name: str, begin: datetime | None) -> None:
    canvas.write(SPAN, name)
    canvas.write(FROM, None if begin is None else begin.strftime("%Y-%m-%dT%H:%M"))


def _text(begin: datetime, end: datetime) -> str:
    if end - begin >= DAY:
        return f"{formats.days(begin, formats.last_moment(end))} (UTC)"
    return f"{formats.day(begin)}, {begin:%H:%M} to {end:%H:%M} UTC"
