"""Counts of code values, with what each value means and what to do about it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.query import Filters, run_sql
from analytics.vocabulary import ELIGIBILITIES, FINDINGS, MISS_REASONS, Codes
from data.store.reader import Reader


def warm_pool_misses(reader: Reader, filters: Filters, _: Mapping[str, Any]) -> pd.DataFrame:
    """Return miss reasons, the one that lost most wait time first."""
    misses = run_sql(reader, "pools/warm_pool_misses", filters)
    return _explain(misses, "miss_reason", MISS_REASONS, has_action=True)


def eligibility(reader: Reader, filters: Filters, _: Mapping[str, Any]) -> pd.DataFrame:
    """Return how many jobs could use a warm pool, and why the others could not."""
    counts = run_sql(reader, "pools/eligibility", filters)
    return _explain(counts, "eligibility", ELIGIBILITIES)


def findings(reader: Reader, filters: Filters, _: Mapping[str, Any]) -> pd.DataFrame:
    """Return what stands out in the records, with what to do."""
    counts = run_sql(reader, "pools/findings", filters)
    return _explain(counts, "finding", FINDINGS, has_action=True)


def _explain(
    counts: pd.DataFrame, column: str, codes: Codes, *, has_action: bool = False
) -> pd.DataFrame:
    """Add what each code value means."""
    found = [codes[value] for value in counts[column]]
    counts["explanation"] = pd.Series([code.meaning for code in found], dtype="str")
    if has_action:
        counts["next_action"] = pd.Series([code.next_action for code in found], dtype="str")
    return counts
