"""Whose capacity it was, hour by hour: the derived table share_hours."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analytics.derived import bands
from analytics.derived.bands import EVER_US, Ownership, Sum
from analytics.derived.workspace import Workspace

Arrays = dict[str, NDArray[Any]]

UNASSIGNED = "unassigned"
LIVE = ("submitted", "pending", "runnable", "scheduled", "starting", "running", "inprogress",
        "stopping")  # fmt: skip
OVER = ("succeeded", "completed", "failed", "stopped")

# where nothing says who owns what, these are not known
_OWNED = (Sum.OWN, Sum.OWNED_USED, Sum.BORROWED, Sum.LENT, Sum.IDLE)
_COLUMNS = {
    Sum.OWN: "own_instance_h",
    Sum.USED: "used_instance_h",
    Sum.OWNED_USED: "owned_used_instance_h",
    Sum.BORROWED: "borrowed_instance_h",
    Sum.LENT: "lent_instance_h",
    Sum.IDLE: "idle_instance_h",
    Sum.PREEMPTED: "preempted_instance_h",
    Sum.WAITING: "waiting_instance_h",
    Sum.STARVED: "starved_instance_h",
    Sum.GPU: "allocated_gpu_h",
    Sum.UNKNOWN_GPU: "unknown_gpu_instance_h",
    Sum.UNKNOWN_SIZE: "unknown_size_h",
    Sum.CAPACITY: "capacity_instance_h",
    Sum.OVER_CAPACITY: "over_capacity_instance_h",
    Sum.ACTIVE: "active_h",
}


def write_share_hours(work: Workspace, in_scope: str = "true") -> None:
    """Insert the hours of the queues that pass a condition on `queue_name`."""
    alive, over = (", ".join(f"'{status}'" for status in words) for words in (LIVE, OVER))
    words = {"in_scope": in_scope, "alive": alive, "over": over}
    work.execute("share_jobs", words)
    work.execute("share_groups")
    work.execute("share_queues")
    work.execute("share_limits", ever=EVER_US)
    work.execute("share_factors", ever=EVER_US)
    work.execute("share_lanes")
    work.execute("share_names")
    work.execute("lane_groups")
    for hours in _lanes(work):
        work.cursor.register("lane_hours", hours)
        work.execute("share_rows")
        work.cursor.unregister("lane_hours")


def rewrite_stale_queues(work: Workspace) -> None:
    """Derive the hours of stale_queue_names again."""
    ((count,),) = work.cursor.execute("select count(*) from stale_queue_names").fetchall()
    if count:
        in_scope = "coalesce(queue_name, '') in (select queue from stale_queue_names)"
        work.cursor.execute(f"delete from {work.tables['share_hours']} where {in_scope}")
        write_share_hours(work, in_scope)


def _lanes(work: Workspace) -> Iterator[pa.Table]:
    """Yield the hours of each lane."""
    lanes = work.cursor.execute(
        """
        select lane_no, ownership, first_us, horizon_us, capacity_source is not null,
            count(share_no)
        from share_lanes left join share_names using (queue)
        group by all order by lane_no
        """
    ).fetchall()
    if not lanes:
        return
    jobs = work.arrays("lane_jobs")
    # in order of time, what an event needs of its job lies beside what the last one needed
    by_time = bands.time_order(jobs["asked_us"])
    jobs = {name: values[by_time] for name, values in jobs.items()}
    positions = _positions(jobs.pop("lane_no"))
    capacities = _by_lane(work.arrays("lane_capacities", ever=EVER_US))
    settings = _by_lane(work.arrays("lane_settings"))
    for lane in map(_Lane._make, lanes):
        of_lane = positions(lane.lane_no)
        here = {name: np.asarray(values[of_lane]) for name, values in jobs.items()}
        yield _hours(lane, here, capacities(lane.lane_no), settings(lane.lane_no))


def _positions(lanes: NDArray[Any]) -> Callable[[int], NDArray[np.int64]]:
    """Return a function that returns where the rows of one lane are."""
    order = np.argsort(lanes, kind="stable")
    ends = np.cumsum(np.bincount(lanes, minlength=1))

    def of_lane(lane_no: int) -> NDArray[np.int64]:
        if lane_no >= len(ends):
            return order[:0]
        return order[ends[lane_no - 1] if lane_no else 0 : ends[lane_no]]

    return of_lane


def _by_lane(arrays: Arrays) -> Callable[[int], Arrays]:
    """Return a function that returns the rows of one lane."""
    positions = _positions(arrays["lane_no"])

    def of_lane(lane_no: int) -> Arrays:
        rows = positions(lane_no)
        return {name: np.asarray(values[rows]) for name, values in arrays.items()}

    return of_lane


class _Lane(NamedTuple):
    """One lane: its number, how it is owned, its time, and how many shares its queue has."""

    lane_no: int
    ownership: int
    first_us: int
    end_us: int
    has_capacity: bool
    share_count: int

    @property
    def is_owned(self) -> bool:
        """Whether it is known who owns what: an entitlement is a part of a capacity."""
        return self.ownership == Ownership.QUOTA or (
            self.ownership == Ownership.FAIR_SHARE and self.has_capacity
        )


def _hours(lane: _Lane, jobs: Arrays, capacities: Arrays, settings: Arrays) -> pa.Table:
    """Return the sums of one lane, a row a share and hour."""
    event_us, event = bands.lane_events(
        jobs["asked_us"], jobs["left_us"], jobs["begin_us"], jobs["end_us"]
    )
    sums, hour_us, share_no = bands.sweep(
        lane.share_count,
        lane.ownership if lane.is_owned else int(Ownership.UNKNOWN),
        lane.first_us,
        lane.end_us,
        event_us,
        event,
        jobs["share_no"],
        jobs["amount"],
        jobs["gpu"],
        jobs["is_preempted"],
        capacities["at_us"].astype(np.int64),
        capacities["amount"],
        settings["at_us"].astype(np.int64),
        settings["share_no"],
        settings["amount"],
        settings["lends"].astype(np.bool_),
    )
    is_rest = share_no == lane.share_count
    knows_capacity = lane.has_capacity or lane.ownership == Ownership.QUOTA
    columns: dict[str, Any] = {
        "lane_no": np.full(len(hour_us), lane.lane_no),
        "share_no": share_no,
        "hour_us": hour_us,
        "is_rest": is_rest,
    }
    for index, name in _COLUMNS.items():
        unknown = np.zeros(len(hour_us), np.bool_)
        if index in (Sum.CAPACITY, Sum.OVER_CAPACITY):
            unknown = ~is_rest if knows_capacity else ~unknown
        elif index in _OWNED or index is Sum.STARVED:
            unknown |= not knows_capacity
            if not lane.is_owned and index in _OWNED:
                unknown |= ~is_rest | (index not in (Sum.OWN, Sum.IDLE))
        columns[name] = pa.array(sums[index], mask=unknown if unknown.any() else None)
    return pa.table(columns)
