"""The use of shares over time, with what was measured of their GPUs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.query import Filters, run_sql
from analytics.relations import Relation
from analytics.shares.queries import SHARE_HOURS, STEPS
from analytics.utilization.queries import IDLE_BELOW_RATIO, STEPS_US
from analytics.utilization.statements import words
from data.store.reader import Reader

QUEUED_JOBS = Relation(
    table="job_facts",
    noun="queued_jobs",
    time_column="created_at",
    columns=("queue_name", "share_name"),
)
# a sample may begin before the time looked at; no period of CloudWatch is longer than a day
_SAMPLED_IN_TIME = """($first_at is null or sampled_at >= $first_at::timestamptz - interval 1 day)
        and ($last_at is null or sampled_at < $last_at::timestamptz)"""
_KEYS = ["queue_name", "share_name", "hour_at"]
_MEASURED = ["busy_gpu_h", "measured_gpu_h", "measured_host_h"]


def share_usage(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return analytics/shares/share_usage.sql with the GPU utilization of each share and step."""
    step = values["step"]
    rows = run_sql(
        reader, "shares/share_usage", filters, relation=SHARE_HOURS,
        words={"step": STEPS[step]}, first_at=filters.since, last_at=filters.until,
    )  # fmt: skip
    is_measured = run_sql(reader, "shares/has_measured_gpus", relation=None).iloc[0, 0]
    samples = _measured(reader, filters, step) if is_measured else pd.DataFrame()
    if step == "all" and len(samples):
        samples = samples.drop(columns="hour_at").merge(
            rows[_KEYS].drop_duplicates(["queue_name", "share_name"]),
            on=["queue_name", "share_name"],
        )
    rows = rows.merge(samples, on=_KEYS, how="left") if len(samples) else rows.assign(
        **dict.fromkeys(_MEASURED, 0.0)
    )  # fmt: skip
    rows[_MEASURED] = rows[_MEASURED].fillna(0.0)
    measured, used = rows.pop("measured_gpu_h"), rows["used_instance_h"]
    busy_ratio = rows.pop("busy_gpu_h") / measured.where(measured > 0)
    # of capacity in accelerators, the part of those
    is_by_gpu = rows["capacity_unit"] == "accelerators"
    covered = rows.pop("measured_host_h").where(~is_by_gpu, measured)
    coverage = (covered / used.where(used > 0)).where(~rows["is_unassigned"])
    ratios = {
        "gpu_utilization_ratio": np.minimum(busy_ratio, 1.0),
        "coverage_ratio": np.minimum(coverage, 1.0),
    }
    place = list(rows.columns).index("gpu_allocation_ratio") + 1
    for offset, (name, ratio) in enumerate(ratios.items()):
        rows.insert(place + offset, name, ratio)
    return rows


def _measured(reader: Reader, filters: Filters, step: str) -> pd.DataFrame:
    """Return analytics/shares/share_samples.sql for the hours that begin in [since, until)."""
    first_at, last_at = (
        None if moment is None else pd.Timestamp(moment).ceil("h").to_pydatetime()
        for moment in (filters.since, filters.until)
    )
    by = step if step in STEPS_US else "all"
    given = tuple(term for term in filters.where if term[0] in QUEUED_JOBS.columns)
    return run_sql(
        reader, "shares/share_samples", Filters(where=given), relation=QUEUED_JOBS,
        words={
            **words(by, sampled_in_time=_SAMPLED_IN_TIME),
            "step_us": str(STEPS_US.get(by, 1)),
        },
        first_at=first_at, last_at=last_at, idle_below_ratio=IDLE_BELOW_RATIO,
        use_estimated_prices=False,
    )  # fmt: skip
