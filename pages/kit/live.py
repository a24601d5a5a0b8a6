"""Answers of this minute: they change with the clock, so only the newest of each is remembered."""

from datetime import datetime, timedelta

import pandas as pd

from analytics.catalog import query_named
from analytics.query import run_query
from data.store.clock import now_of
from data.store.reader import Reader

STEP_S = 15

_newest: dict[tuple[str, str], tuple[tuple[int, datetime], pd.DataFrame]] = {}


def page_now(reader: Reader) -> datetime:
    """Return the instant that counts as now, rounded down: in the demo, the end of its history."""
    now = now_of(reader.home)
    return now - timedelta(seconds=now.second % STEP_S, microseconds=now.microsecond)


def live_rows(reader: Reader, name: str) -> pd.DataFrame:
    """Return the rows of a query that takes `now`, as of `page_now`."""
    with reader.snapshot() as version:
        place, moment = (str(reader.home.root), name), (version.number, page_now(reader))
        known = _newest.get(place)
        if known is None or known[0] != moment:
            known = (moment, run_query(reader, query_named(name), now=moment[1]))
            _newest[place] = known
    return known[1].copy(deep=False)
