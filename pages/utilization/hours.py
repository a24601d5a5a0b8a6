"""Rows of questions on utilization: the samples are gone through once for all of them."""

from typing import Any

import pandas as pd

from analytics.query import Filters
from analytics.utilization.host_hours import HostHours, load_host_hours, use_host_hours
from analytics.utilization.queries import IDLE_BELOW_RATIO
from data.store.reader import Reader
from pages.kit.cache import query_rows, remember


def utilization_rows(reader: Reader, name: str, jobs: Filters, **given: Any) -> pd.DataFrame:
    """Return the rows of a question over the filtered jobs."""
    hours = remember(
        reader,
        ("host hours", jobs),
        lambda: load_host_hours(reader, jobs, IDLE_BELOW_RATIO),
        size=_bytes,
    )
    with use_host_hours(hours):
        return query_rows(reader, name, jobs, **given)


def _bytes(hours: HostHours) -> int:
    return int(hours.rows.memory_usage(deep=True).sum())
