"""The list of advice as rows, over every advisor that can answer."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from analytics.advice.listing import Decided, Listed, listing, would_change
from analytics.advice.queries import ALL_KINDS, QUERIES
from analytics.advisors import advice as asked_advice
from analytics.query import Filters, run_sql
from analytics.recommendation import Recommendation
from analytics.typed_rows import typed_rows
from data.store.reader import Reader

_COLUMNS = next(query for query in QUERIES if query.name == "advice").columns


def advice_rows(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row a recommendation that gains enough, the most first."""
    given = {
        name: str(value)
        for name, value in values.items()
        if name not in ("kind", "state") and value is not None
    }
    kinds = ALL_KINDS if values["kind"] == "all" else (values["kind"],)
    found = asked_advice(reader, filters, given, kinds)
    listed = listed_advice(reader, found.recommendations, values["minimum_gain_usd_per_month"])
    rows = as_rows(listed)
    return rows if values["state"] == "all" else rows[rows["state"] == values["state"]]


def listed_advice(
    reader: Reader, recommendations: Iterable[Recommendation], minimum_usd_per_month: float
) -> list[Listed]:
    """Return recommendations as the list, with what the home knows was decided on them."""
    return listing(recommendations, decisions(reader), minimum_usd_per_month)


def decisions(reader: Reader) -> dict[str, Decided]:
    """Return the newest decision on each recommendation."""
    rows = run_sql(reader, "advice/decisions", relation=None)
    return {
        row["advice_id"]: Decided(
            _text(row["decision"]),
            _text(row["advised"]),
            None if pd.isna(row["applied_at"]) else row["applied_at"].to_pydatetime(),
            _text(row["decision_note"]),
            row["decided_at"].to_pydatetime(),
        )
        for row in rows.to_dict("records")
    }


def as_rows(listed: Iterable[Listed]) -> pd.DataFrame:
    """Return the list as the rows of the query `advice`."""
    rows = pd.DataFrame([_row(one) for one in listed], columns=list(_COLUMNS))
    return typed_rows(rows, _COLUMNS)


def _row(one: Listed) -> dict[str, Any]:
    recommendation = one.recommendation
    gain = recommendation.gain
    conflict = one.conflicts_with
    return {
        "rank": one.rank,
        "advice_id": one.advice_id,
        "kind": recommendation.kind,
        "subject": recommendation.subject,
        "subject_label": recommendation.subject_label,
        "verdict": recommendation.verdict,
        "current": recommendation.current,
        "advised": recommendation.advised,
        "net_gain_usd_per_month": gain.net_usd_per_month,
        "net_gain_low_usd_per_month": gain.low_usd_per_month,
        "net_gain_high_usd_per_month": gain.high_usd_per_month,
        "cash_gain_usd_per_month": gain.cash_usd_per_month,
        "wait_saved_h_per_month": gain.wait_saved_h_per_month,
        "job_count": recommendation.job_count,
        "certainty": recommendation.certainty,
        "basis": recommendation.basis,
        "backtest_regret_ratio": recommendation.backtest_regret_ratio,
        "rationale": recommendation.rationale,
        "would_change": would_change(recommendation) or None,
        "setting": recommendation.setting,
        "evidence_page": recommendation.evidence_page,
        "state": one.state,
        "is_in_total": one.is_in_total,
        "conflicts_with": conflict and conflict.recommendation.subject_label,
        "decision_note": one.decided and one.decided.note,
        "decided_at": one.decided and one.decided.decided_at,
        "applied_at": one.decided and one.decided.applied_at,
    }


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
