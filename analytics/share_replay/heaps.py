"""Compiled heaps that give up any member, and sums of time by level: what the engines run on.

A heap holds jobs (positions) with the least key on top. Several heaps share one array, each from
`first` on; `place` says where a job stands in it, so that a job is in at most one of them.
"""

import numpy as np
from numba import njit

from analytics.share_replay.requests import Int64s, Whole


@njit(cache=True)
def push(heap: Int64s, place: Int64s, key: Int64s, first: Whole, count: Whole, job: Whole) -> None:
    """Add a job to the heap of `count` members that begins at `first`."""
    _rise(heap, place, key, first, count, job)


@njit(cache=True)
def remove(
    heap: Int64s, place: Int64s, key: Int64s, first: Whole, count: Whole, job: Whole
) -> None:
    """Take a job out of the heap of `count` members that begins at `first`."""
    hole = place[job] - first
    last = heap[first + count - 1]
    place[job] = -1
    if last == job:
        return
    count -= 1
    # the last member fills the hole, and moves down or up from there
    while True:
        child = 2 * hole + 1
        if child >= count:
            break
        if child + 1 < count and key[heap[first + child + 1]] < key[heap[first + child]]:
            child += 1
        if key[heap[first + child]] >= key[last]:
            break
        heap[first + hole] = heap[first + child]
        place[heap[first + hole]] = first + hole
        hole = child
    _rise(heap, place, key, first, hole, last)


@njit(cache=True)
def _rise(heap: Int64s, place: Int64s, key: Int64s, first: Whole, hole: Whole, job: Whole) -> None:
    while hole > 0:
        parent = (hole - 1) // 2
        if key[heap[first + parent]] <= key[job]:
            break
        heap[first + hole] = heap[first + parent]
        place[heap[first + hole]] = first + hole
        hole = parent
    heap[first + hole] = job
    place[job] = first + hole


@njit(cache=True)
def level_of(sizes: Int64s, room: Whole) -> int:
    """Return how many of the sorted sizes fit into the room."""
    return int(np.searchsorted(sizes, room, side="right"))


@njit(cache=True)
def add_time(sums: Int64s, row: Whole, level: Whole, time: Whole) -> None:
    """Count time at a level, in a row of Fenwick trees."""
    place = level + 1
    while place < sums.shape[1]:
        sums[row, place] += time
        place += place & -place


@njit(cache=True)
def time_below(sums: Int64s, row: Whole, size_class: Whole) -> Whole:
    """Return the time at which a job of the class did not fit: that at levels up to the class."""
    total = 0
    place = size_class + 1
    while place > 0:
        total += sums[row, place]
        place -= place & -place
    return total
