"""Merges of pools as recommendations: those to make, which share no pool.

The gain is over today, and so includes what each pool's own advice would bring: a recommendation
touches every pool of its group, and whoever adds gains up counts one or the other.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.merging.queries import QUERIES
from analytics.recommendation import Gain, Recommendation, pool_touched, ranked
from data.serialize.cells import records

KIND = "merge_pools"
PAGE = "warm_pools"
_COLUMNS = next(query.columns for query in QUERIES if query.name == "pool_merges")


def recommendations(merges: pd.DataFrame) -> list[Recommendation]:
    """Return the rows of the query `pool_merges` that are to be made, most to gain first."""
    if merges.empty:
        return []
    chosen = merges[merges["is_chosen"].fillna(False).astype(bool)]  # noqa: FBT003
    return ranked(_recommendation(row) for row in records(chosen[list(_COLUMNS)]))


def _recommendation(row: Mapping[str, Any]) -> Recommendation:
    keys = [row["pool_key"], *(row["other_pool_key"] or "").split(", ")]
    return Recommendation(
        kind=KIND,
        subject=" + ".join(keys),
        subject_label=f"{row['pool_label']} and {_others(row['pool_count'] - 1)}",
        verdict=row["verdict"],
        is_change=True,
        current=row["differing_fields"],
        advised=f"one pool, {row['advised_keep_alive_s']} s",
        gain=Gain(
            row["gain_over_today_usd_per_month"],
            row["gain_over_today_low_usd_per_month"],
            row["gain_over_today_high_usd_per_month"],
            row["wait_saved_over_today_h_per_month"],
            row["cash_gain_over_today_usd_per_month"],
        ),
        job_count=row["job_count"],
        backtest_regret_ratio=None,
        rationale=f"{_of_it(row)} {row['rationale']}",
        setting=row["setting"],
        evidence_page=PAGE,
        basis="other_days",
        is_rough=bool(row["is_rough"]),
        would_change=_would_change(row),
        touches=frozenset(pool_touched(row["region"], key) for key in keys),
        evidence_params={"pool": row["pool_key"]},
        snippets={"create_training_job": row["setting"]},
        details=row,
    )


def _others(count: int) -> str:
    return "1 other pool" if count == 1 else f"{count} other pools"


def _of_it(row: Mapping[str, Any]) -> str:
    """Say how much of the gain is the merge's own."""
    if row["net_gain_usd_per_month"] is None:
        return "Merged:"
    return (
        f"{row['net_gain_usd_per_month']:,.2f} USD per month of the gain come from merging, the"
        " rest from the best period of each pool."
    )


def _would_change(row: Mapping[str, Any]) -> str:
    if row["security_note"]:
        return "A security review that does not allow the same fields for all of these jobs."
    return "Jobs that need a field to differ, such as a smaller volume or another cluster."
