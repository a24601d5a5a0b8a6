"""Startup advice as recommendations, one a lever and pool."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analytics.recommendation import Gain, Recommendation, pool_touched, ranked
from analytics.startup.advice import CHANGES, choice_label
from data.serialize.cells import records

KINDS = {
    "input_mode": ("input_mode", "file_system"),
    "startup": ("image", "image_changes", "runtime_install", "profiler"),
}
"""The levers of each kind of advice."""

PAGE = "startup_latency"


def recommendations(advice: pd.DataFrame, kind: str) -> list[Recommendation]:
    """Return the rows of the query `startup_advice` that are of a kind, most to gain first."""
    rows = advice[advice["lever"].isin(KINDS[kind])]
    return ranked(_recommendation(row, kind) for row in records(rows))


def _recommendation(row: Mapping[str, Any], kind: str) -> Recommendation:
    lever, is_change = row["lever"], row["verdict"] == "change"
    advised = row["advised_choice"]
    return Recommendation(
        kind=kind,
        subject=row["group_value"],
        subject_label=row["pool_label"] or row["group_value"],
        verdict=row["verdict"],
        is_change=is_change,
        current=choice_label(lever, row["current_choice"]),
        advised=choice_label(lever, advised) if advised else None,
        gain=Gain.of(row),
        job_count=row["matched_job_count"],
        backtest_regret_ratio=None,
        rationale=row["rationale"],
        setting=row["setting"] if row["verdict"] in CHANGES else None,
        evidence_page=PAGE,
        basis="matched_jobs",
        is_rough=bool(row["is_rough"]),
        would_change=_would_change(row["verdict"]),
        touches=_touches(row),
        evidence_params={"advice": f"{lever} {row['group_value']}"},
        details=row,
    )


def _touches(row: Mapping[str, Any]) -> frozenset[str]:
    """Return what a change claims: its lever of a pool, the pool's downloads, its image.

    A keep-alive period saves seconds of the same starts: the pool itself is touched as well.
    """
    pool = pool_touched(row["region"], row["group_value"])
    lever = row["lever"]
    if lever == "runtime_install":  # seconds after the start, by another image
        return frozenset({f"{lever} of {pool}", f"image of {pool}"})
    return frozenset({f"{lever} of {pool}", f"download of {pool}", pool})


def _would_change(verdict: str) -> str | None:
    return {
        "change": "Other data or another image: the matched jobs say nothing of them.",
        "compare_cost": "What the file system costs a month.",
        "not_tried": "Some jobs that ran the other way.",
        "not_enough_data": "More jobs of both kinds, with known billed seconds.",
        "unclear": "More days, on which both ways are used.",
        "no_price": "A price of the cluster.",
    }.get(verdict)
