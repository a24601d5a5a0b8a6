"""What changed against the period before: cost, waiting, hit rate, utilization, queue wait.

Definition: docs/metrics/period_changes.md. Each figure is that of its own question, asked twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pandas as pd

from analytics.advice.queries import QUERIES
from analytics.catalog import query_named
from analytics.quantities import SECONDS_PER_HOUR
from analytics.query import Filters, run_query, run_sql
from analytics.relations import QUEUE_JOBS
from analytics.typed_rows import typed_rows
from data.store.reader import Reader

_COLUMNS = next(query for query in QUERIES if query.name == "period_changes").columns
USUAL = timedelta(days=28)
DAY = timedelta(days=1)


class Figure(NamedTuple):
    """A figure of a period, None where unknown, and how many jobs it is based on."""

    value: float | None
    sample_count: int


def period_changes(reader: Reader, filters: Filters, _values: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row a figure; no rows where there is no period before."""
    periods = _periods(reader, filters)
    rows = []
    if periods is not None:
        now, before, is_covered = periods
        for name, figure in FIGURES.items():
            this = figure(reader, now)
            previous = figure(reader, before) if is_covered else Figure(None, 0)
            rows.append(_row(name, this, previous, now))
    return typed_rows(pd.DataFrame(rows, columns=list(_COLUMNS)), _COLUMNS)


def _periods(reader: Reader, filters: Filters) -> tuple[Filters, Filters, bool] | None:
    """Return the period to look at, the one before, and whether the records reach that far back.

    Without a beginning it is the newest 28 days, or half of the history where that is shorter.
    """
    reach = run_sql(reader, "advice/newest_days", replace(filters, since=None)).iloc[0]
    if pd.isna(reach["first_at"]):
        return None
    first, last = (reach[name].to_pydatetime().astimezone(UTC) for name in ("first_at", "last_at"))
    until = filters.until or _midnight(last) + DAY
    since = filters.since
    if since is None:
        half = (until - _midnight(first)) // 2 // DAY * DAY
        since = until - max(min(USUAL, half), DAY)
    if since >= until:
        return None
    before = since - (until - since)
    is_covered = _midnight(first) <= before
    return (
        replace(filters, since=since, until=until),
        replace(filters, since=before, until=since),
        is_covered,
    )


def _midnight(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def _row(name: str, this: Figure, previous: Figure, now: Filters) -> dict[str, Any]:
    change = None
    if this.value is not None and previous.value:
        change = (this.value - previous.value) / abs(previous.value)
    return {
        "figure": name,
        "period_value": this.value,
        "previous_value": previous.value,
        "relative_change_ratio": change,
        "period_sample_count": this.sample_count,
        "previous_sample_count": previous.sample_count,
        "period_since_at": now.since,
        "period_until_at": now.until,
    }


def _ask(reader: Reader, name: str, filters: Filters) -> "pd.Series[Any] | None":
    rows = run_query(reader, query_named(name), filters, by="all")
    return None if rows.empty else rows.iloc[0]


def _known(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _cost(reader: Reader, filters: Filters) -> Figure:
    row = _ask(reader, "costs", filters)
    if row is None:
        return Figure(0.0, 0)
    known = int(row["job_count"] - row["unknown_price_job_count"])
    return Figure(_known(row["total_usd"]), known)


def _wait(reader: Reader, filters: Filters) -> Figure:
    row = run_sql(reader, "advice/period_waits", filters).iloc[0]
    wait_s = _known(row["wait_s"])
    return Figure(None if wait_s is None else wait_s / SECONDS_PER_HOUR, int(row["job_count"]))


def _hit_rate(reader: Reader, filters: Filters) -> Figure:
    row = _ask(reader, "warm_pool_hit_rate", filters)
    if row is None:
        return Figure(None, 0)
    return Figure(_known(row["hit_rate_ratio"]), int(row["eligible_count"]))


def _gpu_utilization(reader: Reader, filters: Filters) -> Figure:
    # without any measurement there is nothing to go through the jobs for
    if not run_sql(reader, "shares/has_measured_gpus", relation=None).iloc[0, 0]:
        return Figure(None, 0)
    row = _ask(reader, "utilization", filters)
    if row is None:
        return Figure(None, 0)
    return Figure(_known(row["gpu_utilization_ratio"]), int(row["job_count"]))


def _queue_wait(reader: Reader, filters: Filters) -> Figure:
    where = tuple(term for term in filters.where if term[0] in QUEUE_JOBS.columns)
    if where != filters.where:
        return Figure(None, 0)
    row = run_sql(reader, "advice/period_queue_waits", filters, relation=QUEUE_JOBS).iloc[0]
    return Figure(_known(row["queue_wait_p90_s"]), int(row["job_count"]))


FIGURES: Mapping[str, Callable[[Reader, Filters], Figure]] = {
    "total_usd": _cost,
    "startup_wait_h": _wait,
    "hit_rate_ratio": _hit_rate,
    "gpu_utilization_ratio": _gpu_utilization,
    "queue_wait_p90_s": _queue_wait,
}
