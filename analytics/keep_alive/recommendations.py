"""Keep-alive advice as recommendations, one a pool."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.keep_alive.decide import SETTLED
from analytics.keep_alive.snippets import Cluster, snippets
from analytics.recommendation import Gain, Recommendation, pool_touched, ranked
from data.serialize.cells import records

KIND = "keep_alive"
PAGE = "keep_alive"


def recommendations(advice: pd.DataFrame) -> list[Recommendation]:
    """Return the rows of the query `keep_alive_advice` as recommendations, most to gain first."""
    return ranked(_recommendation(row) for row in records(advice))


def _recommendation(row: Mapping[str, Any]) -> Recommendation:
    is_change = row["verdict"] not in SETTLED
    advised_s = row["advised_keep_alive_s"]
    return Recommendation(
        kind=KIND,
        subject=row["pool_key"],
        subject_label=row["pool_label"] or row["pool_key"],
        verdict=row["verdict"],
        is_change=is_change,
        current=_period(row["current_keep_alive_s"]),
        advised=_period(advised_s),
        gain=Gain.of(row),
        job_count=row["job_count"],
        backtest_regret_ratio=row["backtest_regret_ratio"],
        rationale=row["rationale"],
        setting=row["setting"],
        evidence_page=PAGE,
        basis="other_days",
        is_rough=bool(row["is_rough"]),
        touches=frozenset({pool_touched(row["region"], row["pool_key"])}),
        evidence_params={"pool": row["pool_key"]},
        snippets=snippets(advised_s, Cluster.of(row)) if is_change else {},
        details=row,
    )


def _period(seconds: int | None) -> str | None:
    return None if seconds is None else f"{seconds} s"
