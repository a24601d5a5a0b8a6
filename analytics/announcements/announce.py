"""Tells a webhook, once each, that jobs have ended and that pools are about to expire.

Whoever syncs calls it afterwards. What happened longer ago than `ENDED_WITHIN_S` is no news:
neither a first sync nor one after a long break tells the whole history.
"""

import threading
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from analytics.announcements.answers import announcements
from analytics.query import Filters
from data.announcements.memory import Announced
from data.announcements.webhook import MaybeDeliveredError, send
from data.errors import StokerError
from data.store.clock import now_of
from data.store.reader import Reader
from data.store.settings import load_settings
from data.store.store import Store

MOST_LINES = 20
# Slack's: all else of its markup needs no escape in what we write
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

Row = Mapping[Hashable, Any]

_announcing = threading.Lock()


def announce(store: Store, *, now: datetime | None = None) -> str | None:
    """Tell the webhook what is new, in one message; return what went wrong, in a sentence or two.

    Does nothing without the setting `webhook_url`, and nothing in the demo.
    """
    try:
        url = load_settings(store.home).webhook_url
        if not url or store.home.is_demo:
            return None
        with _announcing:
            _tell(store, url, now or now_of(store.home))
    except StokerError as error:
        return str(error)
    return None


def _tell(store: Store, url: str, now: datetime) -> None:
    given = {"now": now, "ended_within_s": None, "expires_within_s": None}
    reader = Reader(store)
    with reader.snapshot():
        events = announcements(reader, Filters(), given)
    known = Announced(store.home)
    fresh = {
        key: row for row in events.to_dict("records") if (key := event_key(row)) not in known
    }  # fmt: skip
    if not fresh:
        return
    text = message([event_line(row, now) for row in fresh.values()])
    known.begin(fresh)
    try:
        send(url, text)
    except MaybeDeliveredError:
        raise
    except StokerError:
        known.fail(fresh)
        raise


def event_key(row: Row) -> str:
    """Return what tells an event from all others; a pool that is kept longer expires anew."""
    names = ("event", "account_id", "region", "job_name")
    return "|".join([*(str(row[name]) for name in names), row["event_at"].isoformat()])


def message(lines: Sequence[str]) -> str:
    """Return the text of a message, which says how many lines it leaves out."""
    more = len(lines) - MOST_LINES
    return "\n".join([*lines[:MOST_LINES], *([f"... and {more} more."] if more > 0 else [])])


def event_line(row: Row, now: datetime) -> str:
    """Return an event as a sentence."""
    cluster = _cluster(row)
    if row["event"] == "pool_expires":
        left_min = max(1, round((row["event_at"] - now).total_seconds() / 60))
        what = (
            f"A warm pool expires in {left_min} min, at {row['event_at']:%H:%M} UTC, unless a job"
            f" reuses it: {cluster}, left by {row['job_name']}."
        )
    else:
        run = (
            ""
            if _is_missing(row["training_time_s"])
            else f" after {_duration(row['training_time_s'])}"
        )
        user = "" if _is_missing(row["user_name"]) else f" of {row['user_name']}"
        what = f"{row['job_name']}{user} ended{run}: {row['status']}. It ran on {cluster}."
    return what.translate(ESCAPES)


def _cluster(row: Row) -> str:
    if _is_missing(row["instance_type"]):
        return "a cluster of unknown type"
    count = "" if _is_missing(row["instance_count"]) else f"{int(row['instance_count'])} x "
    return f"{count}{row['instance_type']}"


def _duration(seconds: float) -> str:
    """Return a run time.

    >>> _duration(40), _duration(300), _duration(7800)
    ('40 s', '5 min', '2 h 10 min')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _is_missing(value: Any) -> bool:
    return value is None or bool(pd.isna(value))
