"""The history that a replay starts from: the jobs of a queue, in the order of their requests."""

import numpy as np

from analytics.query import Filters, run_sql_arrays
from analytics.relations import QUEUE_JOBS
from analytics.share_replay.requests import UNKNOWN, Requests
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
