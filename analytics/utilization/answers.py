"""Answers on utilization: each is one statement over samples and jobs."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.query import Filters, run_sql
from analytics.utilization.host_hours import at_hand
from analytics.utilization.queries import IDLE_BELOW_RATIO
from analytics.utilization.statements import words
from data.store.reader import Reader
from data.store.settings import load_settings


def utilization(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return analytics/utilization/utilization.sql."""
    return _answer(reader, "utilization", filters, values)


def gpu_waste(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return analytics/utilization/gpu_waste.sql."""
    return _answer(reader, "gpu_waste", filters, values)


def gpu_utilization_distribution(
    reader: Reader, filters: Filters, values: Mapping[str, Any]
) -> pd.DataFrame:
    """Return analytics/utilization/gpu_utilization_distribution.sql."""
    return _answer(reader, "gpu_utilization_distribution", filters, values)


def idle_gpu_jobs(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return analytics/utilization/idle_gpu_jobs.sql."""
    return _answer(reader, "idle_gpu_jobs", filters, values)


def job_hosts(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return analytics/utilization/job_hosts.sql."""
    return _answer(reader, "job_hosts", filters, values)


def job_samples(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return analytics/utilization/job_samples.sql."""
    return _answer(reader, "job_samples", filters, values, every_sample=True)


def _answer(
    reader: Reader,
    name: str,
    filters: Filters,
    given: Mapping[str, Any],
    *,
    every_sample: bool = False,
) -> pd.DataFrame:
    values = {"idle_below_ratio": IDLE_BELOW_RATIO, **given}
    with at_hand(reader, filters, values["idle_below_ratio"]) as is_remembered:
        return run_sql(
            reader,
            f"utilization/{name}",
            filters,
            words=words(
                values.get("by", "all"),
                every_sample=every_sample,
                is_remembered=is_remembered and not every_sample,
            ),
            use_estimated_prices=load_settings(reader.home).use_estimated_prices,
            **values,
        )
