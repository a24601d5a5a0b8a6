"""What the Keep-alive page computes of its jobs, remembered: history, advice, curves, peaks."""

from collections.abc import Iterable, Iterator

import pandas as pd

from analytics.keep_alive.advice import advise_histories, recommend
from analytics.keep_alive.advice_rows import COLUMNS
from analytics.keep_alive.decide import Objective
from analytics.keep_alive.groups import GroupCurves, group_curves
from analytics.keep_alive.history import History, load_history
from analytics.keep_alive.recommendations import recommendations
from analytics.query import ALL_POOLS, Filters
from analytics.recommendation import Recommendation
from data.store.reader import Reader
from pages.keep_alive.rows import replayed_periods
from pages.kit.cache import query_rows, remember
from pages.kit.canvas import Canvas
from pages.kit.work import Report, computed

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


def advice(reader: Reader, jobs: Filters, history: History, objective: Objective) -> Recommendation:
    """Return the advice on all of the history of these jobs as one."""
    return remember(
        reader,
        ("keep-alive advice on all", jobs, objective),
        lambda: recommendations(recommend(reader, history, objective))[0],
    )


def advice_by_pool(
    canvas: Canvas, reader: Reader, jobs: Filters, objective: Objective, job_count: int
) -> pd.DataFrame | None:
    """Return the advice on each pool, most to gain first; None while it is being computed.

    Of few jobs the histories are kept, so that another objective is answered at once.
    """
    is_long = job_count > EXACT_JOBS

    def histories() -> list[History]:
        return list(load_history(reader, jobs, together=False))

    def compute(report: Report) -> pd.DataFrame:
        report("Replaying each pool", 0.0)
        of_pools = (
            load_history(reader, jobs, together=False)
            if is_long
            else remember(
                reader,
                ("keep-alive histories", jobs),
                histories,
                size=lambda found: HISTORY_BYTES * max(1, len(found)),
            )
        )
        found = advise_histories(reader, _reported(of_pools, report), objective)
        return found.reindex(columns=list(COLUMNS))

    return computed(
        canvas,
        reader,
        ("keep-alive advice", jobs, objective),
        compute,
        name="Advise each pool",
        is_long=is_long,
        size=lambda found: int(found.memory_usage(deep=True).sum()),
    )


def _reported(histories: Iterable[History], report: Report) -> Iterator[History]:
    """Yield histories, and say how many pools are done: how many come is not known before."""
    done = 0
    for history in histories:
        yield history
        done += len(history.rows)
        report(f"{done:,} pools advised", 0.5)


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
