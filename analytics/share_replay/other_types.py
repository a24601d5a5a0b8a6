"""Waits that an alternative instance type would have met: its capacity stood idle meanwhile.

An alternative has at least the accelerators of the type that was asked for, of each instance. Each
job is looked at alone, as if no other had taken the idle capacity: the sums are upper bounds.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numba import njit

from analytics.query import Filters, run_sql, run_sql_arrays
from analytics.relations import QUEUE_JOBS
from analytics.share_replay.no_jobs import empty_without_jobs
from analytics.share_replay.requests import Floats, Int64s
from analytics.share_replay.settings_in_force import frame_rows, queue_of, steps_of
from data.store.reader import Reader

_ALWAYS = np.iinfo(np.int64).min
_US_PER_S = 1_000_000
COLUMNS = (
    "instance_type",
    "alternative_instance_type",
    "delayed_job_count",
    "total_wait_s",
    "met_job_count",
    "met_wait_s",
)


@empty_without_jobs("waits_met_elsewhere")
def waits_met_elsewhere(
    reader: Reader, filters: Filters, _values: Mapping[str, Any]
) -> pd.DataFrame:
    """Return one row a type that jobs waited for and a type that could have taken them.

    Only types whose own capacity is known are alternatives; without any there is no row.
    """
    queue_name = queue_of(reader, filters)["queue_name"]
    waits = run_sql(reader, "share_replay/type_waits", filters, relation=QUEUE_JOBS)
    usage = run_sql(reader, "share_replay/type_usage", relation=None, queue_name=queue_name)
    capacities = _capacities(reader, queue_name)
    accelerators = _accelerators(reader)
    rows = []
    for asked, jobs in waits.groupby("instance_type", sort=True):
        wanted = accelerators.get(str(asked))
        for other, steps in capacities.items():
            has = accelerators.get(other)
            if other == asked or not wanted or has is None or has < wanted:
                continue
            change_us, free = _free(usage[usage["instance_type"] == other], steps)
            since_us = _first_room(
                jobs["created_us"].to_numpy(np.int64),
                jobs["started_us"].to_numpy(np.int64),
                jobs["size"].to_numpy(float),
                change_us,
                free,
            )
            met_us = jobs["started_us"].to_numpy(np.int64) - since_us
            wait_us = (jobs["started_us"] - jobs["created_us"]).sum()
            rows.append(
                (str(asked), other, len(jobs), wait_us / _US_PER_S, int((met_us > 0).sum()),
                 float(met_us.sum() / _US_PER_S))
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS)).sort_values(
        ["met_wait_s", "instance_type", "alternative_instance_type"],
        ascending=[False, True, True],
        ignore_index=True,
    )


def _capacities(reader: Reader, queue_name: str | None) -> dict[str, tuple[Int64s, Floats]]:
    rows = frame_rows(
        run_sql(reader, "share_replay/type_capacities", relation=None, queue_name=queue_name)
    )
    if not rows:
        return {}
    best = [row for row in rows if row["place"] == rows[0]["place"]]
    found = {}
    for name in sorted({row["instance_type"] for row in best}):
        own = [row | {"share_name": None} for row in best if row["instance_type"] == name]
        steps = steps_of(own)
        since_us = [
            _ALWAYS if step.since is None else round(step.since.timestamp() * _US_PER_S)
            for step in steps
        ]
        found[name] = (
            np.array(since_us, dtype=np.int64),
            np.array([step.capacity for step in steps]),
        )
    return found


def _accelerators(reader: Reader) -> dict[str, int]:
    columns = run_sql_arrays(reader, "share_replay/type_accelerators", relation=None)
    return dict(zip(columns["instance_type"], columns["accelerators"].tolist(), strict=True))


def _free(usage: pd.DataFrame, steps: tuple[Int64s, Floats]) -> tuple[Int64s, Floats]:
    """Return when the free capacity of a type changes, and what is free from then on."""
    since_us, capacity = steps
    start_us, size = usage["allocated_us"].to_numpy(np.int64), usage["size"].to_numpy(float)
    end_us = usage["released_us"].to_numpy(np.int64)
    has_ended = end_us >= 0
    at_us = np.concatenate([start_us, end_us[has_ended]])
    change = np.concatenate([-size, size[has_ended]])
    order = np.argsort(at_us, kind="stable")
    sums = np.concatenate([[0.0], np.cumsum(change[order])])
    times = at_us[order]
    change_us = np.unique(np.concatenate([since_us, times]))
    held = sums[np.searchsorted(times, change_us, side="right")]
    return change_us, capacity[np.searchsorted(since_us, change_us, side="right") - 1] + held


@njit(cache=True)
def _first_room(
    created_us: Int64s, started_us: Int64s, size: Floats, change_us: Int64s, free: Floats
) -> Int64s:
    """Return from when on each job would have had room; its start where it had none before."""
    found_us = started_us.copy()
    for job in range(len(created_us)):
        place = np.searchsorted(change_us, created_us[job], side="right") - 1
        while place < len(change_us) and change_us[place] < started_us[job]:
            if free[place] >= size[job]:
                found_us[job] = max(change_us[place], created_us[job])
                break
            place += 1
    return found_us
