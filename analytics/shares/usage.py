"""The use of shares over time, with what was measured of their GPUs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.query import Filters, run_sql
from analytics.shares.queries import SAMPLE_STEPS, SHARE_HOURS, STEPS
from data.store.reader import Reader

_KEYS = ["queue_name", "share_name", "hour_at"]
_MEASURED = ["busy_gpu_h", "measured_gpu_h", "measured_host_h"]


def share_usage(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> pd.DataFrame:
    """Return analytics/shares/share_usage.sql with the GPU utilization of each share and step."""
    step = values["step"]
    window: dict[str, Any] = {"first_at": filters.since, "last_at": filters.until}
    rows = run_sql(
        reader, "shares/share_usage", filters, relation=SHARE_HOURS,
        words={"step": STEPS[step]}, **window,
    )  # fmt: skip
    samples = run_sql(
        reader, "shares/share_samples", relation=None,
        words={"sample_step": SAMPLE_STEPS[step]}, **window,
    )  # fmt: skip
    if step == "all" and len(samples):
        samples = samples.drop(columns="hour_at").merge(
            rows[_KEYS].drop_duplicates(["queue_name", "share_name"]),
            on=["queue_name", "share_name"],
        )
    rows = rows.merge(samples, on=_KEYS, how="left") if len(samples) else rows.assign(
        **dict.fromkeys(_MEASURED, 0.0)
    )  # fmt: skip
    for name in _MEASURED:
        rows[name] = rows[name].fillna(0.0) + rows.pop(f"job_{name}")
    measured, used = rows.pop("measured_gpu_h"), rows["used_instance_h"]
    is_measured = measured > 0
    busy_ratio = rows.pop("busy_gpu_h") / measured.where(is_measured)
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
