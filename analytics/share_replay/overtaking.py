"""Who waited while others started, in a recorded history: kernels over sorted arrays."""

import numpy as np
from numba import njit

from analytics.share_replay.requests import Floats, Int64s


@njit(cache=True)
def heads_waiting(
    eligible_us: Int64s,
    start_us: Int64s,
    by_eligible: Int64s,
    size: Floats,
    rank: Int64s,
    line_first: Int64s,
) -> tuple[Int64s, Floats]:
    """Return the rank of the first in line of those that waited while each job started.

    Jobs are in the order of their starts; `rank` is their place in line, of a line that begins at
    `line_first`. -1: nobody before the job waited. The second answer is the largest size that
    waited, the job's own included. Trees of minima over the ranks hold the waiting jobs.
    """
    count = len(start_us)
    leaves = 1
    while leaves < max(count, 1):
        leaves *= 2
    heads, larger = np.full(2 * leaves, np.inf), np.full(2 * leaves, np.inf)
    head, largest = np.full(count, -1, np.int64), size.copy()
    arrived, first = 0, 0
    while first < count:
        now_us = start_us[first]
        end = first
        while end < count and start_us[end] == now_us:
            end += 1
        while arrived < count and eligible_us[by_eligible[arrived]] <= now_us:
            job = by_eligible[arrived]
            if start_us[job] >= now_us:
                _set(heads, leaves + rank[job], rank[job])
                _set(larger, leaves + rank[job], -size[job])
            arrived += 1
        for job in range(first, end):
            largest[job] = max(size[job], -larger[1])
        for job in range(first, end):
            _set(heads, leaves + rank[job], np.inf)
            _set(larger, leaves + rank[job], np.inf)
        for job in range(first, end):
            least = _least(heads, leaves + line_first[job], leaves + rank[job])
            if least < np.inf:
                head[job] = int(least)
        first = end
    return head, largest


@njit(cache=True)
def _set(tree: Floats, node: int, value: float) -> None:
    tree[node] = value
    node //= 2
    while node:
        tree[node] = min(tree[2 * node], tree[2 * node + 1])
        node //= 2


@njit(cache=True)
def _least(tree: Floats, first: int, end: int) -> float:
    """Return the least of the leaves from `first` up to but without `end`."""
    least = np.inf
    while first < end:
        if first % 2:
            least = min(least, tree[first])
            first += 1
        if end % 2:
            end -= 1
            least = min(least, tree[end])
        first //= 2
        end //= 2
    return least


@njit(cache=True)
def room_since(start_us: Int64s, size: Floats, change_us: Int64s, free: Floats) -> Int64s:
    """Return from when on there was room for each job without a break until its start.

    Jobs are in the order of their starts; `free` is what is free from each change on. The smallest
    integer: there always was. The stack holds the changes below which no later one fell.
    """
    count = len(start_us)
    since_us = np.full(count, np.iinfo(np.int64).min)
    stack = np.empty(len(change_us), np.int64)
    height, change = 0, 0
    for job in range(count):
        while change < len(change_us) and change_us[change] < start_us[job]:
            while height and free[stack[height - 1]] >= free[change]:
                height -= 1
            stack[height] = change
            height += 1
            change += 1
        low, high = 0, height  # how many of the stack are too small for the job
        while low < high:
            middle = (low + high) // 2
            if free[stack[middle]] < size[job] - 1e-6:
                low = middle + 1
            else:
                high = middle
        if low:
            after = stack[low - 1] + 1
            since_us[job] = change_us[after] if after < len(change_us) else start_us[job]
    return since_us
