"""The answer of announcements: what has just ended, and what is about to expire."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.announcements.queries import ENDED_WITHIN_S
from analytics.query import Filters, run_sql
from data.store.clock import now_of
from data.store.reader import Reader
from data.store.settings import load_settings


def announcements(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return analytics/announcements/announcements.sql at an instant; without one, now."""
    expires_within_s = values["expires_within_s"]
    if expires_within_s is None:
        expires_within_s = load_settings(reader.home).pool_expiry_notice_s
    ended_within_s = values["ended_within_s"]
    return run_sql(
        reader,
        "announcements/announcements",
        filters,
        now=values["now"] or now_of(reader.home),
        ended_within_s=ENDED_WITHIN_S if ended_within_s is None else ended_within_s,
        expires_within_s=expires_within_s,
    )
