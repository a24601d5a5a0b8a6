"""What time it is for a page: rounded, so that what it reads in a quarter of a minute is one."""

from datetime import datetime, timedelta

from data.store.clock import now_of
from data.store.reader import Reader

STEP_S = 15


def page_now(reader: Reader) -> datetime:
    """Return the instant that counts as now: in the demo, the end of its history."""
    now = now_of(reader.home)
    return now - timedelta(seconds=now.second % STEP_S, microseconds=now.microsecond)
