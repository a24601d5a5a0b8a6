"""What the Keep-alive page computes of its jobs, remembered: history, advice, curves, peaks."""

import pandas as pd

from analytics.keep_alive.advice import recommend
from analytics.keep_alive.decide import Objective
from analytics.keep_alive.groups import GroupCurves, group_curves
from analytics.keep_alive.history import History, load_history
from analytics.keep_alive.recommendations import recommendations
from analytics.query import ALL_POOLS, Filters
from analytics.recommendation import Recommendation
from data.store.reader import Reader
from pages.keep_alive.rows import replayed_periods
from pages.kit.cache import query_rows, remember

EXACT_JOBS = 20_000
HISTORY_BYTES = 20 * 2**20


def history_of(reader: Reader, jobs: Filters) -> History | None:
    """Return the history of the filtered jobs as one pool; None without eligible jobs."""
    return remember(
        reader,
        ("keep-alive history", jobs),
        lambda: next(load_history(reader, jobs, together=True), None),
        size=lambda _: HISTORY_BYTES,
    )


def curves_by(reader: Reader, jobs: Filters, column: str) -> GroupCurves:
    """Return the keep-alive curve of each user, weekday and so on."""
    return remember(
        reader,
        ("keep-alive curves", jobs, column),
        lambda: group_curves(reader, jobs, column),
    )


def advice(reader: Reader, history: History, objective: Objective) -> Recommendation:
    """Return the advice on all of a history as one."""
    return recommendations(recommend(reader, history, objective))[0]


def replays(reader: Reader, jobs: Filters, history: History, limit_s: int) -> pd.DataFrame:
    """Return the curve at some periods, under both reuse orders.

    Each period of oldest-first reuse is a replay of its own: the more jobs, the fewer periods.
    """
    at = replayed_periods(history.curves.one(0), limit_s)
    return query_rows(reader, "keep_alive_curve", jobs, pool_key=ALL_POOLS, at=at, reuse="both")


def peak_idle_instances(
    reader: Reader, jobs: Filters, history: History, advised_s: int | None, limit_s: int
) -> int | None:
    """Return how many instances would idle at once under the advised period; None without one.

    Exact for so many jobs; for more, that of the next longer period that was replayed, which is
    never less.
    """
    if advised_s is None:
        return None
    if history.rows["job_count"].sum() <= EXACT_JOBS:
        peaks = query_rows(reader, "keep_alive_curve", jobs, pool_key=ALL_POOLS, at=(advised_s,))
    else:
        peaks = replays(reader, jobs, history, limit_s)
        peaks = peaks[(peaks["reuse"] == "newest") & (peaks["keep_alive_period_s"] >= advised_s)]
    known = peaks["peak_idle_instances"].dropna()
    return None if known.empty else int(known.iloc[0])
