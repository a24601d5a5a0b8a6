"""Which jobs shared a cluster, and in which row of a picture each cluster stands."""

from heapq import heappop, heappush

import numpy as np

from analytics.derived.matching import NEVER, NO_JOB, Int64s


def first_jobs(donor: Int64s) -> Int64s:
    """Return, per job, the position of the job that began its cluster.

    `donor` is the job before it on the same cluster, which has a lower position, or NO_JOB.

    >>> first_jobs(np.array([-1, 0, -1, 1]))
    array([0, 0, 2, 0])
    """
    head = np.where(donor == NO_JOB, np.arange(len(donor)), donor)
    while True:
        further = head[head]
        if (further == head).all():
            return head
        head = further


def cluster_lanes(head: Int64s, begin_us: Int64s, last_us: Int64s) -> tuple[Int64s, Int64s]:
    """Return, per job, the number of its cluster and its lane, both from 1.

    Clusters are numbered as they begin. A cluster takes the lowest lane in which the one before it
    is over, so no lane is used twice at once, and as few lanes as can be.

    >>> head, begin_us = np.array([0, 0, 2, 3]), np.array([0, 10, 5, 20])
    >>> [list(map(int, each)) for each in cluster_lanes(head, begin_us, begin_us + 8)]
    [[1, 1, 2, 3], [1, 1, 2, 1]]
    """
    if not len(head):
        return head, head
    heads, cluster = np.unique(head, return_inverse=True)
    begins, lasts = np.full(len(heads), NEVER), np.full(len(heads), -NEVER)
    np.minimum.at(begins, cluster, begin_us)
    np.maximum.at(lasts, cluster, last_us)
    # positions are in the order of requests and names: a fixed order for clusters of one instant
    order = np.lexsort((heads, begins))
    lane_of = np.zeros(len(heads), np.int64)
    busy: list[tuple[int, int]] = []
    free: list[int] = []
    lane_count = 0
    for position, begin, last in zip(
        order.tolist(), begins[order].tolist(), lasts[order].tolist(), strict=True
    ):
        while busy and busy[0][0] <= begin:
            heappush(free, heappop(busy)[1])
        if not free:
            lane_count += 1
            free.append(lane_count)
        lane = heappop(free)
        lane_of[position] = lane
        heappush(busy, (last, lane))
    number_of = np.empty(len(heads), np.int64)
    number_of[order] = np.arange(1, len(heads) + 1)
    return number_of[cluster], lane_of[cluster]
