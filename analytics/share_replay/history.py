"""The history that a replay starts from: the jobs of a queue, in the order of their requests."""

import numpy as np

from analytics.query import Filters, run_sql_arrays
from analytics.relations import QUEUE_JOBS
from analytics.share_replay.requests import UNKNOWN, Held, Requests, held_once
from data.store.reader import Reader

NEAR_ZERO = 1e-9


def load_requests(reader: Reader, filters: Filters, capacity_unit: str = "instances") -> Requests:
    """Return the jobs that pass the filters (of view queue_jobs), in the order of requests.

    Where no job says how many instances it has, but some say their accelerators, those count. A job
    that runs still is replayed as if it ended at the newest instant that the jobs know of; one that
    failed and was tried again, as if all its attempts were one run.
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
    is_running = has_start & ~has_end & ~rows["is_over"] & rows["is_held"]
    run_us = np.where(is_running, newest_us, end_us) - start_us
    attempts_us, open_us = rows["attempts_us"], rows["open_us"]
    is_retried = attempts_us != UNKNOWN
    run_us = np.where(is_retried, attempts_us, run_us)
    run_us += np.where(is_retried & is_running, newest_us - open_us, 0)
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
    last_us = np.where(is_running, newest_us, end_us)
    wait_s = np.where(
        is_retried & (last_us != UNKNOWN),
        (last_us - created_us - run_us) / 1e6,
        rows["queue_wait_s"],
    )
    return Requests(
        job_name=rows["job_name"],
        share=share.astype(np.int64),
        share_names=tuple(str(name) for name in share_names),
        created_us=created_us,
        eligible_us=rows["eligible_us"],
        run_us=run_us.astype(np.int64),
        size=size,
        priority=rows["scheduling_priority"].astype(np.int64),
        note=note,
        observed_wait_s=np.where(wait_s >= 0, wait_s, np.nan),
        observed_start_us=start_us,
        observed_end_us=end_us,
        retries=rows["preemption_retry_count"].astype(np.int64),
        service_job_no=rows["service_job_no"].astype(np.int64),
    )


def recorded_attempts(reader: Reader, filters: Filters, requests: Requests) -> Held:
    """Return when the jobs held capacity by the records, each attempt of a job for itself."""
    rows = run_sql_arrays(reader, "share_replay/retried_attempts", filters, relation=QUEUE_JOBS)
    order = np.argsort(requests.service_job_no, kind="stable")
    sorted_no = requests.service_job_no[order]
    place = np.searchsorted(sorted_no, rows["service_job_no"])
    is_there = place < len(order)
    is_there[is_there] = sorted_no[place[is_there]] == rows["service_job_no"][is_there]
    job = order[place[is_there]]
    once = held_once(requests)
    is_once = ~np.isin(once.job, job)
    return Held(
        np.concatenate([once.job[is_once], job]),
        np.concatenate([once.start_us[is_once], rows["allocated_us"][is_there]]),
        np.concatenate([once.end_us[is_once], rows["released_us"][is_there]]),
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
