"""Answers on utilization: each is one statement over samples and jobs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analytics.query import Filters, run_sql
from analytics.utilization.statements import words
from data.store.reader import Reader
from data.store.settings import load_settings

if TYPE_CHECKING:
    import pandas as pd

IDLE_BELOW_RATIO = 0.05


def utilization(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> "pd.DataFrame":
    """Return analytics/utilization/utilization.sql."""
    return _answer(reader, "utilization", filters, {"idle_below_ratio": IDLE_BELOW_RATIO, **values})


def gpu_waste(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> "pd.DataFrame":
    """Return analytics/utilization/gpu_waste.sql."""
    return _answer(reader, "gpu_waste", filters, values)


def _answer(
    reader: Reader, name: str, filters: Filters, values: Mapping[str, Any]
) -> "pd.DataFrame":
    return run_sql(
        reader,
        f"utilization/{name}",
        filters,
        words=words(values.get("by", "all")),
        use_estimated_prices=load_settings(reader.home).use_estimated_prices,
        **values,
    )
