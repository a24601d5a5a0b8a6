"""Quota advice as recommendations, one a quota."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.recommendation import Gain, Recommendation, ranked
from analytics.vocabulary import QUOTA_KINDS
from data.serialize.cells import records

KIND = "quota"
PAGE = "warm_pools"


def recommendations(advice: pd.DataFrame) -> list[Recommendation]:
    """Return the rows of the query `quota_advice` as recommendations, most to gain first."""
    return ranked(_recommendation(row) for row in records(advice))


def _recommendation(row: Mapping[str, Any]) -> Recommendation:
    place = f"{row['account_id'] or 'unknown'} {row['region'] or 'unknown'} {row['instance_type']}"
    quota = QUOTA_KINDS[row["quota_kind"]].label.lower()
    return Recommendation(
        kind=KIND,
        subject=f"{place} {row['quota_kind']}",
        subject_label=f"Quota of {row['instance_type']} for {quota}",
        verdict=row["verdict"],
        is_change=row["verdict"] == "ask_for_more",
        current=_instances(row["quota_value"]),
        advised=_instances(row["advised_quota_value"]),
        gain=Gain.of(row),
        job_count=row["job_count"],
        backtest_regret_ratio=None,
        rationale=row["rationale"],
        setting=row["setting"],
        evidence_page=PAGE,
        basis="same_data",
        is_rough=bool(row["is_rough"]),
        would_change="Other keep-alive periods: they decide how much is idle at once.",
        touches=frozenset({f"quota {place} {row['quota_kind']}"}),
        evidence_params={"instance_type": row["instance_type"]},
        details=row,
    )


def _instances(value: float | None) -> str | None:
    return None if value is None else f"{value:g} instances"
