"""Which stretch of time a page looks at: the URL parameters `span` and `from`."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from analytics.query import Filters
from pages.kit import formats, recording
from pages.kit.blocks import Setting

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHOLE = "all"
LENGTHS = {"1h": HOUR, "6h": 6 * HOUR, "1d": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
WORDS = {"1h": "1 hour", "6h": "6 hours", "1d": "1 day", "7d": "7 days", "30d": "30 days",
         WHOLE: "All"}  # fmt: skip
FEW_JOBS, MANY_JOBS = 5, 100

SPAN, FROM = "span", "from"
_KEY = "span_choice"


def span_choice(hours: pd.DataFrame, chosen: Filters) -> Filters:
    """Draw the choice of a span and return the filters narrowed to it.

    `hours` has one row an hour with jobs (`bin_at`, `job_count`), at least one, in time. A span
    begins where its clock does: an hour at a full one, a day at midnight UTC.
    """
    at = [instant.to_pydatetime() for instant in hours["bin_at"]]
    name, seen = st.query_params.get(SPAN), at[-1]
    if name not in WORDS:
        name, seen = _readable(hours)
    begin = None if name == WHOLE else _begin(name, seen)
    _write(name, begin)
    st.session_state[_KEY] = name
    inside = at if begin is None else [t for t in at if begin <= t < begin + LENGTHS[name]]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            "Span", list(WORDS), format_func=WORDS.__getitem__, key=_KEY, required=True,
            on_change=_choose, args=((inside or at)[-1],),
        )  # fmt: skip
        if begin is None:
            recording.add(Setting("Span", "all"))
            return chosen
        end = begin + LENGTHS[name]
        earlier = [hour for hour in at if hour < begin]
        later = [hour for hour in at if hour >= end]
        for label, icon, key, target in (
            ("Earlier", ":material/chevron_left:", "span_earlier",
             _last_begin(name, earlier[-1]) if earlier else None),
            ("Later", ":material/chevron_right:", "span_later",
             _first_begin(name, later[0]) if later else None),
        ):  # fmt: skip
            st.button(
                label, icon=icon, key=key, on_click=_write, args=(name, target),
                disabled=target is None, help="The nearest span with jobs",
            )  # fmt: skip
        words = _words(begin, end)
        recording.add(Setting("Span", words))
        st.markdown(f"**{words}**", width="content")
    since = begin if chosen.since is None else max(begin, chosen.since)
    until = end if chosen.until is None else min(end, chosen.until)
    return replace(chosen, since=since, until=max(since, until))


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


def _begin(name: str, last: datetime) -> datetime:
    """Return where the span of the URL begins, else the last span with jobs."""
    try:
        given = datetime.fromisoformat(st.query_params.get(FROM, ""))
        given = given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
        begin = _first_begin(name, given)
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


def _choose(seen: datetime) -> None:
    """Change the length, and keep in view what was seen last."""
    name = st.session_state[_KEY]
    _write(name, None if name == WHOLE else _last_begin(name, seen))


def _write(name: str, begin: datetime | None) -> None:
    given = {SPAN: name} | ({} if begin is None else {FROM: begin.strftime("%Y-%m-%dT%H:%M")})
    for key in (SPAN, FROM):
        if key not in given:
            st.query_params.pop(key, None)
        elif st.query_params.get(key) != given[key]:
            st.query_params[key] = given[key]


def _words(begin: datetime, end: datetime) -> str:
    if end - begin >= DAY:
        return f"{formats.days(begin, formats.last_moment(end))} (UTC)"
    return f"{formats.day(begin)}, {begin:%H:%M} to {end:%H:%M} UTC"


def forget() -> None:
    """Take the span out of the URL: the next one is chosen to be readable."""
    for key in (SPAN, FROM):
        st.query_params.pop(key, None)
