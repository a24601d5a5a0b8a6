"""First jobs of a key that came while a cluster of a nearly equal key was free: `key_changed`.

Definition: docs/metrics/miss_reason.md. A cluster is free from the end of its job until another job
reuses it, its keep-alive runs out, or AWS reports that it was gone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from analytics.derived.matching import NO_JOB, Int64s
from analytics.derived.workspace import Workspace

MOST_DIFFERING_FIELDS = 2
BATCH_CLUSTERS = 1_000_000


@dataclass(frozen=True, slots=True)
class KeyField:
    """A field of a pool's key: a column of `pools`, and how a person reads it and its values."""

    name: str
    words: str
    shown: str = "{}::varchar"


_ON_OR_OFF = "case when {} then 'on' else 'off' end"
KEY_FIELDS = (
    KeyField("role_arn", "role", "split_part({}, '/', -1)"),
    KeyField("instance_count", "instance count"),
    KeyField("instance_type", "instance type"),
    KeyField("volume_kms_key_id", "volume key"),
    KeyField("volume_size_gib", "volume", "printf('%g GB', {})"),
    KeyField("security_group_ids", "security groups"),
    KeyField("subnets", "subnets"),
    KeyField("has_inter_container_encryption", "inter-container encryption", _ON_OR_OFF),
    KeyField("has_network_isolation", "network isolation", _ON_OR_OFF),
)


def name_changed_keys(work: Workspace) -> None:
    """Set `key_changed` and its numbers on first jobs of pools; all are `first_of_key` before."""
    firsts = work.arrays("first_jobs")
    work.execute("kept_clusters")
    _name(work, firsts)


def name_stale_keys(work: Workspace) -> None:
    """Do so for those first jobs whose nearest cluster may be another one than before."""
    firsts = work.arrays("first_jobs")
    work.execute("kept_clusters")
    work.execute("changed_clusters")
    is_stale = np.isin(firsts["job_id"], work.arrays("stale_first_jobs")["job_id"])
    changed = work.arrays("changed_intervals")
    is_stale |= _is_within(firsts["request_us"], changed["release_us"], changed["gone_us"])
    _name(work, {name: values[is_stale] for name, values in firsts.items()})


def _is_within(request_us: Int64s, release_us: Int64s, gone_us: Int64s) -> NDArray[np.bool_]:
    """Whether each request lies in one of the intervals, which are sorted by their beginning."""
    if not len(release_us):
        return np.zeros(len(request_us), np.bool_)
    begun = np.searchsorted(release_us, request_us, side="right")
    last_gone_us = np.maximum.accumulate(gone_us)
    return (begun > 0) & (last_gone_us[np.maximum(begun - 1, 0)] > request_us)


def _name(work: Workspace, firsts: dict[str, NDArray[Any]]) -> None:
    """Find the nearest free cluster of each first job, and write down how their keys differ."""
    if not len(firsts["job_id"]):
        return
    work.cursor.register("candidates", _candidates(work, firsts["request_us"]))
    free = work.arrays("free_clusters")
    work.cursor.unregister("candidates")
    pool_ids = np.unique(np.concatenate([firsts["pool_id"], free["pool_id"]]))
    by_request = np.argsort(firsts["request_us"], kind="stable")
    nearest = np.empty(len(by_request), np.int64)
    nearest[by_request] = _nearest_free(
        np.ascontiguousarray(firsts["request_us"][by_request]),
        np.searchsorted(pool_ids, firsts["pool_id"][by_request]),
        np.ascontiguousarray(free["release_us"]),
        np.ascontiguousarray(free["gone_us"]),
        np.searchsorted(pool_ids, free["pool_id"]),
        _key_fields(work, pool_ids),
    )
    near_job_id = np.append(free["job_id"], 0)[nearest]  # NO_JOB is the last: 0
    near_clusters = {
        "job_id": firsts["job_id"],
        "near_job_id": pa.array(near_job_id, mask=nearest == NO_JOB),
    }
    work.cursor.register("near_clusters", pa.table(near_clusters))
    differences = ", ".join(_difference(field) for field in KEY_FIELDS)
    work.execute("key_changes", {"differences": differences})
    work.cursor.unregister("near_clusters")
    work.execute("changed_keys")


def _candidates(work: Workspace, request_us: Int64s) -> pa.Table:
    """Return the clusters that were free, at most, when one of the requests came."""
    request_us = np.sort(request_us)
    job_ids = [np.empty(0, np.int64)]
    clusters = work.cursor.sql("select job_id, release_us, gone_us from kept_clusters")
    for batch in clusters.to_arrow_reader(BATCH_CLUSTERS):
        job_id, release_us, gone_us = (column.to_numpy() for column in batch.columns)
        first, last = (np.searchsorted(request_us, instant) for instant in (release_us, gone_us))
        job_ids.append(job_id[first < last])
    return pa.table({"job_id": np.concatenate(job_ids)})


def _key_fields(work: Workspace, pool_ids: Int64s) -> NDArray[np.int64]:
    """Return the place and the nine fields of each pool's key as a row of numbers."""
    work.cursor.register("involved_pools", pa.table({"pool_id": pool_ids}))
    codes = ", ".join(
        f"dense_rank() over (order by {field.name} nulls first)::bigint as {field.name}"
        for field in KEY_FIELDS
    )
    columns = work.arrays("key_fields", {"field_codes": codes})
    work.cursor.unregister("involved_pools")
    return np.column_stack([columns["place"], *(columns[field.name] for field in KEY_FIELDS)])


def _difference(field: KeyField) -> str:
    """Return SQL that says how one field differs, such as `volume 50 GB, was 30 GB`."""
    mine, other = (
        f"coalesce({field.shown.format(f'{side}.{field.name}')}, 'none')"
        for side in ("mine", "other")
    )
    return (
        f"case when mine.{field.name} is distinct from other.{field.name}"
        f" then '{field.words} ' || {mine} || ', was ' || {other} end"
    )


@njit(cache=True)
def _nearest_free(
    request_us: Int64s,
    request_key: Int64s,
    release_us: Int64s,
    gone_us: Int64s,
    release_key: Int64s,
    key_fields: NDArray[np.int64],
) -> Int64s:
    """Return, per request, the free cluster whose key differs least (then the newest), or NO_JOB.

    Requests and releases are sorted by time; their keys are rows of `key_fields`, whose column 0 is
    account and region: it must be equal.
    """
    nearest = np.full(len(request_us), NO_JOB)
    alive = np.empty(len(release_us), np.int64)
    alive_count = 0
    next_release = 0
    for i in range(len(request_us)):
        while next_release < len(release_us) and release_us[next_release] <= request_us[i]:
            alive[alive_count] = next_release
            alive_count += 1
            next_release += 1
        fewest = MOST_DIFFERING_FIELDS + 1
        kept_count = 0
        wanted = key_fields[request_key[i]]
        for position in range(alive_count):
            cluster = alive[position]
            if gone_us[cluster] <= request_us[i]:
                continue
            alive[kept_count] = cluster
            kept_count += 1
            offered = key_fields[release_key[cluster]]
            if offered[0] != wanted[0]:
                continue
            differing = 0
            for field in range(1, len(wanted)):
                if offered[field] != wanted[field]:
                    differing += 1
            if 0 < differing <= fewest and differing <= MOST_DIFFERING_FIELDS:
                fewest = differing
                nearest[i] = cluster
        alive_count = kept_count
    return nearest
