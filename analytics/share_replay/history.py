"""The history that a replay starts from: the jobs of a queue, and the settings in force."""

from datetime import UTC, datetime
from itertools import groupby

import numpy as np
import pandas as pd

from analytics.query import Filters, run_sql, run_sql_arrays
from analytics.relations import QUEUE_JOBS
from analytics.share_replay.requests import UNKNOWN, Requests
from analytics.share_replay.scenario import CapacityStep, Scenario, Share
from analytics.share_replay.scenario_files import in_order
from data.store.reader import Reader

NEAR_ZERO = 1e-9


def load_requests(reader: Reader, filters: Filters, capacity_unit: str = "instances") -> Requests:
    """Return the jobs that pass the filters (of view queue_jobs), in the order of requests.

    Where no job says how many instances it has, but some say their accelerators, those count. A job
    that runs still is replayed as if it ended at the newest instant that the jobs know of.
    """
    rows = run_sql_arrays(reader, "share_replay/share_replay", filters, relation=QUEUE_JOBS)
    size = rows["instance_count"]
    if capacity_unit == "accelerators" or np.isnan(size).all():
        size = rows["accelerator_count"]
    created_us, start_us, end_us = rows["created_us"], rows["started_us"], rows["ended_us"]
    has_start, has_end = start_us != UNKNOWN, end_us != UNKNOWN
    newest_us = max(
        (times.max() for times in (created_us, start_us, end_us) if len(times)), default=0
    )
    is_running = has_start & ~has_end & ~rows["is_over"]
    run_us = np.where(is_running, newest_us, end_us) - start_us
    run_us = np.where(rows["last_run_us"] != UNKNOWN, rows["last_run_us"], run_us)
    note = np.full(len(created_us), "", dtype=object)
    note[is_running] = "still_running"
    for code, is_so in (
        ("bad_times", has_start & (has_end | is_running) & (run_us < 0)),
        ("no_end", has_start & ~has_end & ~is_running),
        ("never_started", ~has_start),
        ("needs_none", size <= NEAR_ZERO),
        ("no_size", np.isnan(size)),
    ):
        note[is_so] = code
        run_us = np.where(is_so, UNKNOWN, run_us)
    share_names, share = np.unique(rows["share_name"].astype(str), return_inverse=True)
    wait_s = rows["queue_wait_s"]
    return Requests(
        job_name=rows["job_name"],
        share=share.astype(np.int64),
        share_names=tuple(str(name) for name in share_names),
        created_us=created_us,
        eligible_us=created_us,
        run_us=run_us.astype(np.int64),
        size=size,
        priority=rows["scheduling_priority"].astype(np.int64),
        note=note,
        observed_wait_s=np.where(wait_s >= 0, wait_s, np.nan),
        observed_start_us=start_us,
        observed_end_us=end_us,
    )


def queue_names(reader: Reader, filters: Filters) -> list[str]:
    """Return the queues of the jobs that pass the filters; empty texts are left out."""
    condition, parameters = filters.condition(QUEUE_JOBS)
    rows = reader.frame(
        f"""
        select distinct queue_name from queue_jobs
        where queue_name is not null and ({condition}) order by all
        """,
        parameters,
    )
    return [str(name) for name in rows["queue_name"]]


def scenario_in_force(
    reader: Reader, filters: Filters, capacity_unit: str = "instances"
) -> Scenario:
    """Return the settings in force as far as they are known: policy, capacity, shares.

    Without a known policy it is FIFO. Capacity is empty where nothing says it, or where the jobs
    are of several queues: no one capacity is theirs then.
    """
    shares = run_sql(reader, "share_replay/known_shares", filters, relation=QUEUE_JOBS)
    capacity: dict[str, tuple[CapacityStep, ...]] = {}
    if len(queue_names(reader, filters)) <= 1:
        capacity = _known_capacity(reader, filters, capacity_unit)
    quotas = {name: steps[-1].capacity for name, steps in capacity.items() if name}
    kinds = set(shares["share_kind"])
    is_fair = "fair_share" in kinds
    first = shares.iloc[0] if len(shares) else None
    known: dict[str, Share] = {
        row["share_name"]: Share(
            row["share_name"],
            float(row["weight_factor"]),
            None if pd.isna(row["quota"]) else float(row["quota"]),
            row["sharing_strategy"],
            float(row["borrow_limit_pct"]),
            bool(row["has_in_share_preemption"]),
        )
        for row in shares.to_dict("records")
        if not pd.isna(row["share_name"])
    }
    for name, quota in quotas.items():
        known.setdefault(name, Share(name, quota=quota))
    return Scenario(
        policy="fair_share" if is_fair else "quota" if "quota" in kinds else "fifo",
        capacity=capacity.get("", ()),
        capacity_unit=capacity_unit,
        decay_s=_number(first, "share_decay_s") if is_fair else 600.0,
        reservation_ratio=_number(first, "compute_reservation_pct") / 100 if is_fair else 0.0,
        shares=tuple(known.values()),
        share_capacities=tuple((name, steps) for name, steps in capacity.items() if name),
        name="in force",
    )


def _number(row: "pd.Series | None", name: str) -> float:
    return 0.0 if row is None or pd.isna(row[name]) else float(row[name])


def _known_capacity(
    reader: Reader, filters: Filters, capacity_unit: str
) -> dict[str, tuple[CapacityStep, ...]]:
    """Return the capacity of the queue ("") and of shares, from the first source that has it."""
    rows = run_sql(
        reader,
        "share_replay/known_capacity",
        filters,
        relation=QUEUE_JOBS,
        capacity_unit=capacity_unit,
    )
    found: dict[str, tuple[CapacityStep, ...]] = {}
    for (_, share), part in groupby(
        rows.to_dict("records"), key=lambda row: (row["source"], row["share_name"])
    ):
        steps = in_order(
            CapacityStep(_instant(row["observed_at"]), float(row["capacity"])) for row in part
        )
        found.setdefault(share, steps)
    return found


def _instant(value: "pd.Timestamp") -> datetime | None:
    return None if pd.isna(value) else value.to_pydatetime().astimezone(UTC)
