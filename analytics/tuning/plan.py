"""The plan of a tuning loop, at the prices of a day."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from analytics.query import Filters, run_sql
from data.store.reader import Reader
from data.store.settings import load_settings


def tuning_plan(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return analytics/tuning/tuning_plan.sql."""
    as_of = values["as_of"] or datetime.now(UTC)
    return run_sql(
        reader,
        "tuning/tuning_plan",
        filters,
        relation=None,
        **{**values, "as_of": as_of.date()},
        use_estimated_prices=load_settings(reader.home).use_estimated_prices,
    )
