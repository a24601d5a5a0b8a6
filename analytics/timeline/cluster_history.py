"""Each job's place in the life of a cluster: from its request to the end of the idle time after it.

As it was, a cluster is handed on where the ledger says so. With another period it is handed on as
the keep-alive curve has it: newest first, and job times stay as recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.derived.matching import NEVER, NO_JOB, UNKNOWN, Int64s
from analytics.query import Filters, run_sql
from data.store.reader import Reader
from data.store.reference_tables import aws_limit

SECOND_US = 1_000_000
SEGMENTS = ("startup", "run", "idle")

Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]


@dataclass(frozen=True)
class ClusterHistory:
    """The jobs of one pool in the order of requests, as arrays. Instants are microseconds."""

    jobs: pd.DataFrame
    donor: Int64s
    """Position of the job whose cluster it went on with; NO_JOB: it began a cluster."""

    is_hit: Flags
    begin_us: Int64s
    """When it got its cluster."""

    run_us: Int64s
    """When it began to train, else to be billed; `begin_us` where neither is recorded."""

    is_start_known: Flags
    release_us: Int64s
    """NEVER: no end is recorded."""

    idle_end_us: Int64s
    """When the cluster was reused or ended; UNKNOWN where that is not recorded."""

    ended_by: Texts
    """reused, expired, ended_early, open or unknown; empty without an idle time."""

    miss_reason: Texts
    missed_by_s: NDArray[np.float64]
    donor_job_name: Texts
    missed_donor_job_name: Texts
    retained_s: NDArray[np.float64]
    retained_cost_usd: NDArray[np.float64]

    @property
    def is_counted(self) -> Flags:
        """Whether a job passes the filters."""
        return self.jobs["is_counted"].to_numpy(dtype=bool)

    @property
    def last_us(self) -> Int64s:
        """When its part of the cluster's life is known to end; NEVER while it runs."""
        return np.maximum(self.release_us, self.idle_end_us)


def load_history(reader: Reader, filters: Filters, values: Mapping[str, Any]) -> ClusterHistory:
    """Return the history of one pool's clusters, the filtered jobs marked.

    They are of the time range that is shown, and of so long before and after it that no cluster's
    donor or reusing job is missing.
    """
    pool_key = values["pool_key"] or _busiest(reader, filters)
    period_s = values["period_s"]
    jobs = run_sql(
        reader,
        "timeline/pool_timeline",
        filters.for_pool(pool_key),
        pool_key=pool_key,
        never=int(NEVER),
        since=filters.since,
        until=filters.until,
        near_s=aws_limit(reader, "reuse_chain"),
    )
    return actual(jobs) if period_s is None else what_if(jobs, period_s)


def _busiest(reader: Reader, filters: Filters) -> str:
    found = run_sql(reader, "timeline/busiest_pool", filters)["pool_key"]
    return "" if found.empty else str(found.iloc[0])


def actual(jobs: pd.DataFrame) -> ClusterHistory:
    """Return what happened: links and inferred hits, and the retained time that AWS reports."""
    request_us, release_us = _column(jobs, "request_us"), _column(jobs, "release_us")
    donor = _positions(jobs, "donor_job_id")
    freed_us = np.where(donor == NO_JOB, 0, release_us[donor])
    # records may contradict each other: a cluster goes on only to a later job that outlives it
    is_handed_on = (
        (donor != NO_JOB)
        & (donor < np.arange(len(jobs)))
        & (freed_us != NEVER)
        & (freed_us <= release_us)
    )
    donor = _first_reuse(np.where(is_handed_on, donor, NO_JOB))
    begin_us = np.where(donor == NO_JOB, request_us, np.maximum(request_us, freed_us))
    retained_us, keep_alive_us = _column(jobs, "retained_us"), _column(jobs, "keep_alive_us")
    reused_us = _reused_us(donor, begin_us)
    is_reused = reused_us != UNKNOWN
    has_ended = release_us != NEVER
    idle_end_us = np.where(
        is_reused,
        reused_us,
        np.where(has_ended & (retained_us >= 0), release_us + retained_us, UNKNOWN),
    )
    status = jobs["warm_pool_status"].to_numpy(dtype=object)
    ended_by = np.select(
        [
            ~has_ended | (idle_end_us == release_us),
            is_reused,
            status == "Available",
            retained_us < 0,
            status == "Reused",
            keep_alive_us < 0,
            # AWS reports whole seconds
            retained_us > keep_alive_us - SECOND_US,
        ],
        ["", "reused", "open", "unknown", "reused", "unknown", "expired"],
        "ended_early",
    ).astype(object)
    return _history(
        jobs,
        donor,
        jobs["is_hit"].to_numpy(dtype=bool),
        begin_us,
        idle_end_us,
        ended_by,
        miss_reason=_texts(jobs["miss_reason"]),
        missed_by_s=jobs["missed_by_s"].to_numpy(dtype=float),
        donor_job_name=_texts(jobs["donor_job_name"]),
        missed_donor_job_name=_texts(jobs["missed_donor_job_name"]),
        retained_s=jobs["retained_s"].to_numpy(dtype=float),
        retained_cost_usd=jobs["retained_cost_usd"].to_numpy(dtype=float),
    )


def what_if(jobs: pd.DataFrame, period_s: int) -> ClusterHistory:
    """Return what one keep-alive period on every job would have given, the newest cluster first."""
    period_us = period_s * SECOND_US
    release_us = _column(jobs, "release_us")
    gap_us, idle_us = _column(jobs, "kept_gap_us"), _column(jobs, "kept_idle_us")
    kept_donor = _positions(jobs, "unlimited_donor_job_id")
    has_gap = gap_us != UNKNOWN
    is_hit = has_gap & (gap_us < period_us)
    donor = np.where(is_hit, kept_donor, NO_JOB)
    has_ended = release_us != NEVER
    is_reused = (idle_us != UNKNOWN) & (idle_us < period_us)
    kept_us = np.where(is_reused, idle_us, period_us)
    ended_by = np.select(
        [~has_ended | (kept_us == 0), is_reused], ["", "reused"], "expired"
    ).astype(object)
    miss_reason = np.select(
        [is_hit, has_gap & (period_us == 0), has_gap, ~jobs["has_predecessor"].to_numpy(bool)],
        ["", "not_kept", "expired", "first_of_key"],
        "all_busy",
    ).astype(object)
    names = _texts(jobs["job_name"])
    donor_name = np.where(kept_donor == NO_JOB, "", names[kept_donor])
    retained_s = np.where(has_ended, kept_us / SECOND_US, 0.0)
    return _history(
        jobs,
        donor,
        is_hit,
        _column(jobs, "request_us"),
        np.where(has_ended, release_us + kept_us, UNKNOWN),
        ended_by,
        miss_reason=miss_reason,
        missed_by_s=np.where((miss_reason == "expired"), (gap_us - period_us) / SECOND_US, np.nan),
        donor_job_name=np.where(is_hit, donor_name, ""),
        missed_donor_job_name=np.where(has_gap & ~is_hit, donor_name, ""),
        retained_s=retained_s,
        retained_cost_usd=retained_s * jobs["usd_per_h"].to_numpy(dtype=float) / 3600,
    )


def _history(
    jobs: pd.DataFrame,
    donor: Int64s,
    is_hit: Flags,
    begin_us: Int64s,
    idle_end_us: Int64s,
    ended_by: Texts,
    **reasons: Any,
) -> ClusterHistory:
    release_us = _column(jobs, "release_us")
    start_us, trained_us = _column(jobs, "start_us"), _column(jobs, "trained_us")
    run_us = np.where(trained_us != UNKNOWN, trained_us, start_us)
    return ClusterHistory(
        jobs=jobs,
        donor=donor,
        is_hit=is_hit,
        begin_us=begin_us,
        run_us=np.where(
            run_us == UNKNOWN, begin_us, np.minimum(np.maximum(run_us, begin_us), release_us)
        ),
        is_start_known=run_us != UNKNOWN,
        release_us=release_us,
        idle_end_us=idle_end_us,
        ended_by=ended_by,
        **reasons,
    )


def _column(jobs: pd.DataFrame, name: str) -> Int64s:
    return jobs[name].to_numpy(dtype=np.int64)


def _texts(values: "pd.Series[Any]") -> Texts:
    return values.astype(object).where(values.notna(), "").to_numpy(dtype=object)


def _positions(jobs: pd.DataFrame, name: str) -> Int64s:
    """Turn job numbers into positions; NO_JOB for none, and for a job of another pool."""
    if jobs.empty:
        return np.array([], dtype=np.int64)
    job_id, wanted = _column(jobs, "job_id"), _column(jobs, name)
    order = np.argsort(job_id)
    found = order[np.minimum(np.searchsorted(job_id, wanted, sorter=order), len(order) - 1)]
    return np.where(job_id[found] == wanted, found, NO_JOB).astype(np.int64)


def _first_reuse(donor: Int64s) -> Int64s:
    """Let a cluster go on to one job only, the first that asked."""
    reusing = np.flatnonzero(donor != NO_JOB)
    _, first = np.unique(donor[reusing], return_index=True)
    single = np.full(len(donor), NO_JOB)
    single[reusing[first]] = donor[reusing[first]]
    return single


def _reused_us(donor: Int64s, begin_us: Int64s) -> Int64s:
    """Return when each job's cluster was reused; UNKNOWN where it was not."""
    reused_us = np.full(len(donor), UNKNOWN)
    reusing = np.flatnonzero(donor != NO_JOB)
    reused_us[donor[reusing]] = begin_us[reusing]
    return reused_us


def span(history: ClusterHistory, segment: str, shown: Flags) -> tuple[Int64s, Int64s, Int64s]:
    """Return positions, starts and ends of one kind of segment; UNKNOWN: no end is recorded."""
    if segment == "startup":
        position = np.flatnonzero(shown & (history.run_us > history.begin_us))
        return position, history.begin_us[position], history.run_us[position]
    if segment == "run":
        position = np.flatnonzero(shown)
        end_us = history.release_us[position]
        return position, history.run_us[position], np.where(end_us == NEVER, UNKNOWN, end_us)
    position = np.flatnonzero(shown & (history.ended_by != ""))
    return position, history.release_us[position], history.idle_end_us[position]


def instants(at_us: Int64s) -> "pd.Series[pd.Timestamp]":
    """Return microseconds since the epoch as instants in UTC; none is before it."""
    return pd.Series(pd.to_datetime(np.maximum(at_us, 0), unit="us", utc=True))
