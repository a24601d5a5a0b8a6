"""What the Keep-alive page computes of its jobs, remembered: history, advice, curves, peaks."""

from typing import Any

import pandas as pd

from analytics.keep_alive.advice import advised_on
from analytics.keep_alive.decision import Wishes as Objective
from analytics.keep_alive.groups import GroupCurves, group_curves
from analytics.keep_alive.history import Evidence as History
from analytics.keep_alive.history import gathered
from analytics.query import Filters
from data.store.reader import Reader
from pages.keep_alive.rows import replayed_periods
from pages.kit.cache import query_rows, remember
from pages.kit.pool_picker import ALL_POOLS
from pages.kit.rows import first_row

EXACT_JOBS = 20_000
HISTORY_BYTES = 20 * 2**20


def load_history(reader: Reader, jobs: Filters) -> History | None:
    """Return the history of the filtered jobs as one pool; None without eligible jobs."""
    return remember(
        reader,
        ("keep-alive history", jobs),
        lambda: next(gathered(reader.writer(), jobs, together=True), None),
        size=lambda _: HISTORY_BYTES,
    )


def curves_by(reader: Reader, jobs: Filters, column: str) -> GroupCurves:
    """Return the keep-alive curve of each user, weekday and so on."""
    return remember(
        reader,
        ("keep-alive curves", jobs, column),
        lambda: group_curves(reader.writer(), jobs, column),
    )


def advice(reader: Reader, history: History, objective: Objective) -> Any:
    """Return the advice on all of a history as one."""
    return first_row(advised_on(reader.writer(), history, objective))


def replays(reader: Reader, jobs: Filters, history: History, limit_s: int) -> pd.DataFrame:
    """Return the curve at some periods, under both reuse orders.

    Each period of oldest-first reuse is a replay of its own: the more jobs, the fewer periods.
    """
    at = replayed_periods(history.curves.one(0), limit_s)
    return query_rows(reader, "keep_alive_curve", jobs, pool_key=ALL_POOLS, at=at, reuse="both")


def peak_idle_instances(
    reader: Reader, jobs: Filters, history: History, advised_s: float, limit_s: int
) -> int | None:
    """Return how many instances would idle at once under the advised period; None without one.

    Exact for so many jobs; for more, that of the next longer period that was replayed, which is
    never less.
    """
    if pd.isna(advised_s):
        return None
    if history.rows["job_count"].sum() <= EXACT_JOBS:
        peaks = query_rows(
            reader, "keep_alive_curve", jobs, pool_key=ALL_POOLS, at=str(int(advised_s))
        )
    else:
        peaks = replays(reader, jobs, history, limit_s)
        peaks = peaks[(peaks["reuse"] == "newest") & (peaks["keep_alive_period_s"] >= advised_s)]
    known = peaks["peak_idle_instances"].dropna()
    return None if known.empty else int(known.iloc[0])
