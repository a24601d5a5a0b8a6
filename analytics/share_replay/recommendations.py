"""Advice on queues' settings as recommendations, one for each of the settings advised."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.recommendation import Gain, Recommendation, ranked
from analytics.share_replay.scenario_files import parse_scenario
from analytics.share_replay.settings_advice import ADOPT
from analytics.share_replay.snippets import snippets
from data.serialize.cells import records

KIND = "share_settings"
PAGE = "share_replay"


def recommendations(advice: pd.DataFrame) -> list[Recommendation]:
    """Return the rows of the query `share_settings_advice` as recommendations, best first."""
    return ranked(_recommendation(row) for row in records(advice))


def _recommendation(row: Mapping[str, Any]) -> Recommendation:
    is_change = row["verdict"] == ADOPT
    snippet: dict[str, str] = {}
    if is_change:
        snippet = snippets(parse_scenario(row["scenario_text"])) | {
            "scenario": row["scenario_text"]
        }
    return Recommendation(
        kind=KIND,
        subject=row["queue_name"] or "",
        subject_label=row["queue_name"] or "no queue",
        verdict=row["verdict"],
        is_change=is_change,
        current="settings in force",
        advised=row["scenario_name"] if is_change else None,
        gain=Gain.of(row),
        job_count=row["job_count"] or 0,
        backtest_regret_ratio=row["backtest_regret_ratio"],
        rationale=row["rationale"],
        setting=row["setting"],
        evidence_page=PAGE,
        basis="later_jobs",
        evidence_params={"queue": row["queue_name"] or ""},
        touches=frozenset({f"queue {row['queue_name'] or ''}"}),
        snippets=snippet,
        details=row,
    )
