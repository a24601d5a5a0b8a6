"""Answers of this minute: which pools are idle."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.query import Filters, run_sql
from data.store.clock import now_of
from data.store.reader import Reader


def pools_now(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return analytics/pools/pools_now.sql at an instant; without one, now."""
    now = values["now"] or now_of(reader.home)
    return run_sql(reader, "pools/pools_now", filters, now=now)
