"""Which free cluster a request takes: compiled passes over the jobs of each pool.

Definitions: docs/metrics/keep_alive_curve.md, evidence.md and miss_reason.md. They stand in one
file because numba's cache does not see when a function of another file changes.

Every pass takes jobs sorted by (pool, request, job name); the jobs of pool p are
`offsets[p]:offsets[p + 1]`. Instants are microseconds since the epoch; NEVER marks one that did not
come. At one instant the order is: releases of jobs longer than 0 s; requests; releases of
zero-length jobs.
"""

from enum import IntEnum

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Int64s = NDArray[np.int64]
Int8s = NDArray[np.int8]
Floats = NDArray[np.float64]

NEVER = np.int64(2**61)  # twice it must still fit
UNKNOWN = np.int64(-1)
NO_JOB = np.int64(-1)
OTHER_POOL = np.int64(-2)


# numbered here, not by their order in the vocabulary: compiled code keeps the numbers
class Evidence(IntEnum):
    """What says that a job reused a cluster; the names are those of the column."""

    NONE = 0
    CONFIRMED = 1
    INFERRED = 2


class MissReason(IntEnum):
    """Why a job missed; the names are those of the column."""

    NONE = 0
    FIRST_OF_KEY = 1
    ALL_BUSY = 2
    TOO_EARLY = 3
    NOT_KEPT = 4
    NOT_PROVISIONED = 5
    EXPIRED = 6
    ENDED_EARLY = 7
    UNKNOWN = 8


@njit(cache=True)
def _release_order(request_us: Int64s, release_us: Int64s) -> Int64s:
    """Indices of one pool's jobs in the order in which their clusters become free."""
    last = np.empty(len(release_us), np.int64)
    for i in range(len(release_us)):
        is_zero_length = 1 if release_us[i] <= request_us[i] else 0
        last[i] = 2 * release_us[i] + is_zero_length
    return np.argsort(last, kind="mergesort")


@njit(cache=True)
def _is_free_before(release_us: int, request_us: int, own_request_us: int) -> bool:
    """Whether a release comes before a request in the order of events."""
    return release_us < request_us or (release_us == request_us and release_us > own_request_us)


def newest_first(
    offsets: Int64s, request_us: Int64s, release_us: Int64s
) -> tuple[Int64s, Int64s, Int64s]:
    """Match as if keep-alive were unlimited, the newest free one first; as `newest_kept_first`."""
    for_ever = np.full(len(request_us), NEVER)
    return newest_kept_first(offsets, request_us, release_us, for_ever)


@njit(cache=True, parallel=True)
def newest_kept_first(
    offsets: Int64s, request_us: Int64s, release_us: Int64s, keep_us: Int64s
) -> tuple[Int64s, Int64s, Int64s]:
    """Match every cluster kept for its own job's period, the newest that is still kept first.

    Returns, per job: the gap in microseconds between its request and the release that it reused
    (UNKNOWN: a cold start), the index of that release's job (NO_JOB), and the time that its own
    cluster waited until it was reused (UNKNOWN: never reused, or never released).
    """
    gap_us = np.full(len(request_us), UNKNOWN)
    donor = np.full(len(request_us), NO_JOB)
    idle_us = np.full(len(request_us), UNKNOWN)
    for pool in prange(len(offsets) - 1):
        first, last = offsets[pool], offsets[pool + 1]
        order = _release_order(request_us[first:last], release_us[first:last])
        free = np.empty(last - first, np.int64)
        free_count = 0
        next_release = 0
        for job in range(first, last):
            while next_release < last - first:
                released = first + order[next_release]
                if not _is_free_before(release_us[released], request_us[job], request_us[released]):
                    break
                free[free_count] = released
                free_count += 1
                next_release += 1
            while free_count > 0:
                free_count -= 1
                newest = free[free_count]
                waited_us = request_us[job] - release_us[newest]
                # one that has gone stays gone: it need not be looked at again
                if waited_us < keep_us[newest]:
                    donor[job] = newest
                    gap_us[job] = waited_us
                    idle_us[newest] = waited_us
                    break
    return gap_us, donor, idle_us


@njit(cache=True, parallel=True)
def oldest_first(
    offsets: Int64s, request_us: Int64s, release_us: Int64s, keep_alive_us: int
) -> tuple[Int64s, Int64s]:
    """Replay one keep-alive period, the oldest cluster that is still kept first.

    Returns, per job, the gap of its hit and the time until its own cluster was reused, in
    microseconds (UNKNOWN: none).
    """
    gap_us = np.full(len(request_us), UNKNOWN)
    idle_us = np.full(len(request_us), UNKNOWN)
    for pool in prange(len(offsets) - 1):
        first, last = offsets[pool], offsets[pool + 1]
        _take_oldest(
            request_us[first:last],
            release_us[first:last],
            _release_order(request_us[first:last], release_us[first:last]),
            keep_alive_us,
            gap_us[first:last],
            idle_us[first:last],
        )
    return gap_us, idle_us


@njit(cache=True, parallel=True)
def oldest_first_sums(
    offsets: Int64s,
    request_us: Int64s,
    release_us: Int64s,
    is_counted: NDArray[np.bool_],
    of_hit: Floats,
    per_kept_us: Floats,
    keep_alives_us: Int64s,
) -> tuple[Int64s, Int64s, Floats, Floats]:
    """Replay several periods as `oldest_first` does; return sums over the counted jobs.

    Each is by period and pool: hits; microseconds that clusters were kept; the sum of each row of
    `of_hit` over the hits; and of `per_kept_us` times the microseconds kept.
    """
    pool_count, period_count = len(offsets) - 1, len(keep_alives_us)
    order = np.empty(len(request_us), np.int64)
    for pool in prange(pool_count):
        first, last = offsets[pool], offsets[pool + 1]
        order[first:last] = _release_order(request_us[first:last], release_us[first:last])
    hit_count = np.zeros((period_count, pool_count), np.int64)
    kept_us = np.zeros((period_count, pool_count), np.int64)
    of_hits = np.zeros((len(of_hit), period_count, pool_count))
    of_kept = np.zeros((period_count, pool_count))
    for place in prange(period_count * pool_count):
        period, pool = place // pool_count, place % pool_count
        first, last = offsets[pool], offsets[pool + 1]
        gap_us = np.full(last - first, UNKNOWN)
        idle_us = np.full(last - first, UNKNOWN)
        _take_oldest(
            request_us[first:last],
            release_us[first:last],
            order[first:last],
            keep_alives_us[period],
            gap_us,
            idle_us,
        )
        for job in range(first, last):
            if not is_counted[job]:
                continue
            if gap_us[job - first] != UNKNOWN:
                hit_count[period, pool] += 1
                for row in range(len(of_hit)):
                    of_hits[row, period, pool] += of_hit[row, job]
            if release_us[job] != NEVER:
                waited_us = idle_us[job - first]
                own_us = keep_alives_us[period] if waited_us == UNKNOWN else waited_us
                kept_us[period, pool] += own_us
                of_kept[period, pool] += own_us * per_kept_us[job]
    return hit_count, kept_us, of_hits, of_kept


@njit(cache=True)
def _take_oldest(
    request_us: Int64s,
    release_us: Int64s,
    order: Int64s,
    keep_alive_us: int,
    gap_us: Int64s,
    idle_us: Int64s,
) -> None:
    """Match one pool's jobs, the oldest cluster that is still kept first, into gaps and waits."""
    oldest = 0  # free clusters are order[oldest:next_release]: they come and go in one order
    next_release = 0
    for job in range(len(request_us)):
        while next_release < len(request_us):
            released = order[next_release]
            if not _is_free_before(release_us[released], request_us[job], request_us[released]):
                break
            next_release += 1
        while (
            oldest < next_release and request_us[job] - release_us[order[oldest]] >= keep_alive_us
        ):
            oldest += 1
        if oldest < next_release:
            reused = order[oldest]
            oldest += 1
            gap_us[job] = request_us[job] - release_us[reused]
            idle_us[reused] = gap_us[job]


@njit(cache=True)
def long_chain_count(
    gap_us: Int64s,
    donor: Int64s,
    request_us: Int64s,
    release_us: Int64s,
    keep_alive_us: int,
    limit_us: int,
) -> int:
    """Count clusters that were handed on for longer than `limit_us` under one keep-alive period."""
    began_us = request_us.copy()
    is_over = np.zeros(len(request_us), np.bool_)
    count = 0
    for job in range(len(request_us)):
        is_reuse = gap_us[job] != UNKNOWN and gap_us[job] < keep_alive_us
        if is_reuse:
            began_us[job] = began_us[donor[job]]
            is_over[job] = is_over[donor[job]]
        if (
            is_reuse
            and release_us[job] != NEVER
            and not is_over[job]
            and release_us[job] - began_us[job] > limit_us
        ):
            is_over[job] = True
            count += 1
    return count


@njit(cache=True)
def _newest_kept(
    free: Int64s,
    free_count: int,
    is_reused: NDArray[np.bool_],
    can_donate: NDArray[np.bool_],
    first: int,
    request_us: int,
    release_us: Int64s,
    keep_alive_us: Int64s,
    longest_us: int,
) -> int:
    """Return the newest free cluster that an unlinked hit may have reused, or NO_JOB."""
    for position in range(free_count - 1, -1, -1):
        candidate = free[position]
        gap_us = request_us - release_us[candidate]
        if gap_us >= longest_us:
            break
        if (
            not is_reused[candidate - first]
            and can_donate[candidate]
            and gap_us < keep_alive_us[candidate]
        ):
            return int(candidate)
    return -1


@njit(cache=True)
def _is_quick(provisioning_us: int, cold_us: Int64s, is_among: bool) -> bool:
    """Whether a start took at most half the median of the other starts without a free cluster.

    `cold_us` is sorted; `is_among` says that it holds the start itself, which does not count.
    """
    count = len(cold_us)
    own = int(np.searchsorted(cold_us, provisioning_us)) if is_among else count
    if is_among:
        count -= 1
    if count == 0:
        return False
    low, high = (count - 1) // 2, count // 2
    low += 1 if low >= own else 0
    high += 1 if high >= own else 0
    # half the mean of the two middle ones, in whole numbers
    return bool(4 * provisioning_us <= cold_us[low] + cold_us[high])


@njit(cache=True)
def _why_not(
    donor: int,
    gap_us: int,
    keep_alive_us: Int64s,
    retained_us: Int64s,
    was_refused: NDArray[np.bool_],
) -> tuple[MissReason, int]:
    """Return why a free cluster did not serve, and by how many microseconds it failed."""
    kept_us, stayed_us = keep_alive_us[donor], retained_us[donor]
    if kept_us == 0:
        # AWS shows the latest period: 0 beside retained time was set by hand to end the cluster
        if stayed_us > 0:
            return MissReason.ENDED_EARLY, gap_us - stayed_us if stayed_us < gap_us else -1
        return MissReason.NOT_KEPT, -1
    if was_refused[donor]:
        return MissReason.NOT_PROVISIONED, -1
    if kept_us == -1:
        return MissReason.UNKNOWN, -1
    if gap_us >= kept_us:
        return MissReason.EXPIRED, gap_us - kept_us
    if stayed_us != -1 and stayed_us < gap_us:
        return MissReason.ENDED_EARLY, gap_us - stayed_us
    return MissReason.UNKNOWN, -1


@njit(cache=True, parallel=True)
def outcomes(
    offsets: Int64s,
    request_us: Int64s,
    start_us: Int64s,
    release_us: Int64s,
    keep_alive_us: Int64s,
    retained_us: Int64s,
    provisioning_us: Int64s,
    linked_donor: Int64s,
    can_donate: NDArray[np.bool_],
    was_refused: NDArray[np.bool_],
    is_taken: NDArray[np.bool_],
) -> tuple[Int8s, Int64s, Int64s, Int8s, Int64s]:
    """Tell hits from misses as they happened, with the evidence or the reason.

    `start_us` is when the job got its instances; `linked_donor` the index of the job whose
    `ReusedByJob` names it (NO_JOB, or OTHER_POOL); `can_donate` whether a job may have handed on
    its cluster without a link (kept, not linked, not reported gone); `was_refused` whether its
    cluster was never retained although a keep-alive was asked for; `is_taken` whether AWS names a
    job that reused it and that is none of its pool's records.

    Returns, per job: Evidence (NONE for a miss), donor, gap, MissReason (NONE for a hit), and by
    how many microseconds it missed (UNKNOWN where that has no meaning).
    """
    count = len(request_us)
    evidence = np.zeros(count, np.int8)
    donor = np.full(count, NO_JOB)
    gap_us = np.full(count, UNKNOWN)
    reason = np.zeros(count, np.int8)
    missed_by_us = np.full(count, UNKNOWN)
    for pool in prange(len(offsets) - 1):
        first, last = offsets[pool], offsets[pool + 1]
        size = last - first
        order = _release_order(request_us[first:last], release_us[first:last])
        longest_us = 0
        for job in range(first, last):
            longest_us = max(longest_us, keep_alive_us[job])
        cold_us = np.empty(size, np.int64)
        cold_count = 0
        is_cold = np.zeros(size, np.bool_)
        # first round: which starts had no free cluster; second: hits and misses
        for deciding in (False, True):
            is_reused = is_taken[first:last].copy()
            free = np.empty(size, np.int64)
            free_count = 0
            next_release = 0
            for job in range(first, last):
                while next_release < size:
                    released = first + order[next_release]
                    if not _is_free_before(
                        release_us[released], request_us[job], request_us[released]
                    ):
                        break
                    if not is_reused[released - first]:
                        free[free_count] = released
                        free_count += 1
                    next_release += 1

                if linked_donor[job] != -1:
                    if deciding:
                        evidence[job] = Evidence.CONFIRMED
                    if linked_donor[job] >= 0:
                        is_reused[linked_donor[job] - first] = True
                        if deciding:
                            donor[job] = linked_donor[job]
                            if release_us[linked_donor[job]] != NEVER:
                                gap_us[job] = request_us[job] - release_us[linked_donor[job]]
                    continue

                kept = _newest_kept(
                    free,
                    free_count,
                    is_reused,
                    can_donate,
                    first,
                    request_us[job],
                    release_us,
                    keep_alive_us,
                    longest_us,
                )
                if not deciding:
                    if kept != -1:
                        is_reused[kept - first] = True
                    elif provisioning_us[job] != -1:
                        is_cold[job - first] = True
                        cold_us[cold_count] = provisioning_us[job]
                        cold_count += 1
                    continue
                if (
                    kept != -1
                    and provisioning_us[job] != -1
                    and _is_quick(provisioning_us[job], cold_us[:cold_count], is_cold[job - first])
                ):
                    evidence[job] = Evidence.INFERRED
                    donor[job] = kept
                    gap_us[job] = request_us[job] - release_us[kept]
                    is_reused[kept - first] = True
                    continue

                while free_count > 0 and is_reused[free[free_count - 1] - first]:
                    free_count -= 1
                if request_us[job] == request_us[first]:
                    reason[job] = MissReason.FIRST_OF_KEY
                    continue
                for position in range(next_release, size):
                    coming = first + order[position]
                    if release_us[coming] > start_us[job] or release_us[coming] == NEVER:
                        break
                    if (
                        coming != job
                        and not is_reused[coming - first]
                        and keep_alive_us[coming] > 0
                        and not was_refused[coming]
                    ):
                        reason[job] = MissReason.TOO_EARLY
                        donor[job] = coming
                        missed_by_us[job] = release_us[coming] - request_us[job]
                        break
                if reason[job] != MissReason.NONE:
                    continue
                if free_count == 0:
                    reason[job] = MissReason.ALL_BUSY
                    continue
                newest = free[free_count - 1]
                donor[job] = newest
                gap_us[job] = request_us[job] - release_us[newest]
                reason[job], missed_by_us[job] = _why_not(
                    newest, gap_us[job], keep_alive_us, retained_us, was_refused
                )
            if not deciding:
                cold_us[:cold_count].sort()
    return evidence, donor, gap_us, reason, missed_by_us
