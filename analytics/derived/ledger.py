"""The pool ledger: recomputed jobs, matched pool by pool, become rows of job_facts."""

from enum import IntEnum

import numpy as np
import pyarrow as pa

from analytics.derived import matching
from analytics.derived.matching import Evidence, Int8s, Int64s, MissReason
from analytics.derived.workspace import Workspace
from data.tables.derived import JOB_FACTS


def write_ledger(work: Workspace) -> None:
    """Insert the recomputed jobs into job_facts with their ledger entries, some pools at a time."""
    work.execute("ledger")
    chunks = work.cursor.execute(
        "select distinct chunk from recomputed_pools where eligible_count > 0 order by chunk"
    ).fetchall()
    for (chunk,) in chunks:
        work.cursor.register("entries", _entries(work, int(chunk)))
        work.cursor.execute("insert into ledger by name from entries")
        work.cursor.unregister("entries")
    work.execute("job_rows")
    names = ", ".join(JOB_FACTS.names)
    work.cursor.execute(
        f"insert into {work.tables['job_facts']} ({names}) select {names} from job_rows"
    )


def _entries(work: Workspace, chunk: int) -> pa.Table:
    """Match the jobs of some pools, and return their ledger entries."""
    jobs = work.arrays("ledger_jobs", never=int(matching.NEVER), chunk=chunk)
    job_id, pool_id = jobs["job_id"].astype(np.int64), jobs["pool_id"]
    request_us, release_us = jobs["request_us"], jobs["release_us"]
    offsets = np.append(np.flatnonzero(np.diff(pool_id, prepend=-1)), len(pool_id)).astype(np.int64)
    reused_job_id = jobs["reused_job_id"].astype(np.int64)
    linked = _positions(reused_job_id, job_id, pool_id)
    # whoever reuses a cluster of the pool takes it when it asks, not before
    linked_donor_id = job_id[linked[linked >= 0]]
    unlimited_gap_us, unlimited_donor, unlimited_idle_us = matching.newest_first(
        offsets, request_us, release_us
    )
    evidence, donor, gap_us, reason, missed_by_us = matching.outcomes(
        offsets,
        request_us,
        jobs["start_us"],
        release_us,
        jobs["keep_alive_us"],
        jobs["retained_us"],
        jobs["provisioning_us"],
        linked,
        jobs["can_donate"],
        jobs["was_refused"],
        jobs["is_taken"] & ~np.isin(job_id, linked_donor_id),
    )
    is_elsewhere = linked == matching.OTHER_POOL
    nearest_job_id = np.where(donor >= 0, job_id[np.maximum(donor, 0)], -1)
    nearest_job_id = np.where(is_elsewhere, reused_job_id, nearest_job_id)
    gap_us = np.where(is_elsewhere, jobs["reused_gap_us"], gap_us)
    has_gap = (donor >= 0) & (release_us[np.maximum(donor, 0)] != matching.NEVER)
    has_gap |= is_elsewhere & jobs["has_reused_release"]
    has_gap &= reason != MissReason.TOO_EARLY
    first_request_us = request_us[offsets[:-1]].repeat(np.diff(offsets))
    return pa.table(
        {
            "job_id": job_id,
            "evidence": _names(evidence, Evidence),
            "miss_reason": _names(reason, MissReason),
            "has_predecessor": request_us > first_request_us,
            "nearest_job_id": pa.array(nearest_job_id, mask=nearest_job_id < 0),
            "gap_s": pa.array(gap_us / 1e6, mask=~has_gap),
            "missed_by_s": pa.array(missed_by_us / 1e6, mask=missed_by_us < 0),
            "unlimited_gap_s": pa.array(unlimited_gap_us / 1e6, mask=unlimited_gap_us < 0),
            "unlimited_idle_s": pa.array(unlimited_idle_us / 1e6, mask=unlimited_idle_us < 0),
            "unlimited_donor_job_id": pa.array(
                job_id[np.maximum(unlimited_donor, 0)], mask=unlimited_donor < 0
            ),
            "is_releasing": release_us != matching.NEVER,
        }
    )


def _names(codes: Int8s, names: type[IntEnum]) -> pa.DictionaryArray:
    """Return a kernel's numbers as the names of a column's values; 0 is empty."""
    return pa.DictionaryArray.from_arrays(
        pa.array(codes, mask=codes == 0), [name.name.lower() for name in names]
    )


def _positions(wanted_id: Int64s, job_id: Int64s, pool_id: Int64s) -> Int64s:
    """Turn linked job numbers into positions: NO_JOB, or OTHER_POOL for a donor elsewhere."""
    positions = np.full(len(job_id), matching.NO_JOB, np.int64)
    linked = np.flatnonzero(wanted_id >= 0)
    if len(linked):  # of few jobs AWS says it: sorting all for none would be long
        wanted = wanted_id[linked]
        order = np.argsort(job_id)
        nearest = order[np.minimum(np.searchsorted(job_id, wanted, sorter=order), len(order) - 1)]
        is_here = (job_id[nearest] == wanted) & (pool_id[nearest] == pool_id[linked])
        positions[linked] = np.where(is_here, nearest, matching.OTHER_POOL)
    return positions
