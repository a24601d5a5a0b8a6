"""What limits each job of the fleet, and what its idle accelerators cost."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analytics.instance_groups.diagnosis import diagnose, per_cent, per_cent_of
from analytics.instance_groups.queries import QUERIES
from analytics.quantities import HOURS_PER_DAY, HOURS_PER_MONTH, SECONDS_PER_HOUR
from analytics.query import Filters, run_sql
from analytics.relations import JOBS
from analytics.utilization.queries import IDLE_BELOW_RATIO
from analytics.utilization.statements import words
from analytics.vocabulary import DIAGNOSES
from data.store.reader import Reader

_COLUMNS = next(query for query in QUERIES if query.name == "bottlenecks").columns
_CHOSEN_JOBS = replace(JOBS, noun="chosen_jobs")
# what more CPU, or faster input, could bring: the accelerators wait for it
_WAITING = ("cpu_bound", "input_bound")


def bottlenecks(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return every job with any utilization, those whose bottleneck costs most first."""
    jobs = utilization(reader, filters)
    cpu, accelerator, coverage = (
        jobs[name].to_numpy(dtype=float)
        for name in ("cpu_utilization_ratio", "accelerator_utilization_ratio", "coverage_ratio")
    )
    has_accelerators = jobs["has_accelerators"].to_numpy(dtype=bool)
    jobs["diagnosis"] = diagnose(cpu, accelerator, has_accelerators, coverage)
    is_waiting = jobs["diagnosis"].isin(_WAITING).to_numpy()
    is_known = (jobs["diagnosis"] != "unclear").to_numpy() & has_accelerators
    idle_usd = jobs["list_cost_usd"].to_numpy(dtype=float) * (1 - accelerator)
    lost_usd = np.where(is_waiting, idle_usd, 0.0)
    jobs["bottleneck_usd"] = np.where(is_known, lost_usd, np.nan)
    jobs["bottleneck_usd_per_month"] = jobs["bottleneck_usd"] * _months(jobs, filters)
    jobs["rationale"] = [
        _rationale(*row)
        for row in zip(jobs["diagnosis"], cpu, accelerator, has_accelerators, coverage, strict=True)
    ]
    # equal but for the last digits of a sum: in the order of the query
    jobs = jobs.sort_values(
        "bottleneck_usd",
        ascending=False,
        kind="stable",
        na_position="last",
        key=lambda usd: usd.astype(float).round(6),
    )
    return jobs.reindex(columns=list(_COLUMNS)).reset_index(drop=True)


def utilization(reader: Reader, filters: Filters, job_ids: list[int] | None = None) -> pd.DataFrame:
    """Return bottlenecks.sql, of some jobs or of all."""
    jobs = run_sql(
        reader, "instance_groups/bottlenecks", filters, relation=_CHOSEN_JOBS, words=words(),
        job_ids=job_ids, idle_below_ratio=IDLE_BELOW_RATIO, use_estimated_prices=False,
    )  # fmt: skip
    for name in ("cpu_utilization_ratio", "accelerator_utilization_ratio", "coverage_ratio"):
        jobs[name] = jobs[name].astype(float)
    return jobs


def _months(jobs: pd.DataFrame, filters: Filters) -> float:
    """Return what makes a month of 730 h of the time that was looked at, at least a day."""
    if jobs.empty:
        return 1.0
    since = filters.since or jobs["created_at"].min()
    until = filters.until or jobs["created_at"].max()
    span_h = (pd.Timestamp(until) - pd.Timestamp(since)).total_seconds() / SECONDS_PER_HOUR
    return float(HOURS_PER_MONTH / max(span_h, HOURS_PER_DAY))


def _rationale(
    diagnosis: str, cpu: float, accelerator: float, has_accelerators: bool, coverage: float
) -> str:
    code = DIAGNOSES[diagnosis]
    measured = per_cent(cpu, "CPU")
    if has_accelerators:
        measured += f", {per_cent(accelerator, 'accelerators')}"
    if not np.isnan(coverage):
        measured += f", measured for {per_cent_of(coverage)} of the time"
    return f"{measured}. {code.meaning} {code.next_action}"
