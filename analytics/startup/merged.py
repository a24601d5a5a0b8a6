"""Pools made one, as a lever of the frontier: which starts then hit, and what clusters cost.

Definition: docs/metrics/startup_frontier.md. The pools of each advised merge share their clusters,
kept for the merge's advised period; all other pools have their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.catalog import query_named
from analytics.derived.matching import NEVER, UNKNOWN, newest_kept_first
from analytics.keep_alive.replay import job_columns
from analytics.merging.recommendations import recommendations
from analytics.query import Filters, run_query
from analytics.recommendation import pools_of
from data.store.reader import Reader

Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Group:
    """The pools of one merge, by number, and the period that is advised for them as one."""

    pool_ids: tuple[int, ...]
    period_s: int


@dataclass(frozen=True, slots=True)
class Merged:
    """The jobs whose pools are made one, sorted by (pool, request): as of `newest_kept_first`."""

    groups: Sequence[Group]
    job_id: Int64s
    own_pool_id: Int64s
    offsets: Int64s
    request_us: Int64s
    release_us: Int64s
    usd_per_s: NDArray[np.float64]
    is_counted: NDArray[np.bool_]

    def replayed(
        self, period_by_pool: Mapping[int, int]
    ) -> tuple[NDArray[np.bool_], Int64s, float]:
        """Return which jobs hit, their numbers, and what idle clusters of counted jobs cost, USD.

        `period_by_pool` are the periods of the pools that are not merged; without one, none.
        """
        periods = dict(period_by_pool)
        for group in self.groups:
            periods |= dict.fromkeys(group.pool_ids, group.period_s)
        pools, place = np.unique(self.own_pool_id, return_inverse=True)
        keep_s = np.array([periods.get(int(pool), 0) for pool in pools], dtype=np.int64)[place]
        keep_us = keep_s * 1_000_000
        gap_us, _, idle_us = newest_kept_first(
            self.offsets, self.request_us, self.release_us, keep_us
        )
        kept_s = np.where(idle_us == UNKNOWN, keep_us, idle_us) / 1e6
        is_left = self.is_counted & (self.release_us != NEVER)
        idle_usd = float(np.nansum((kept_s * self.usd_per_s)[is_left]))
        return gap_us != UNKNOWN, self.job_id, idle_usd


def merge_groups(
    reader: Reader, filters: Filters, pools: pd.DataFrame, value_usd_per_h: float
) -> list[Group]:
    """Return the merges that are advised; no pool is in two of them."""
    merges = run_query(
        reader,
        query_named("pool_merges"),
        filters,
        value_of_waiting_usd_per_h=value_usd_per_h,
    )
    numbers = {
        (row["region"], row["pool_key"]): int(row["pool_id"]) for row in pools.to_dict("records")
    }
    found = []
    for one in recommendations(merges):
        ids = [numbers.get(pool) for pool in pools_of(one.touches)]
        if None not in ids:
            period_s = int(one.details["advised_keep_alive_s"])
            found.append(Group(tuple(number for number in ids if number is not None), period_s))
    return found


def merged_jobs(reader: Reader, filters: Filters, groups: Sequence[Group]) -> Merged:
    """Load the whole history of all pools, those of a group as one; `filters`: what counts."""
    columns: dict[str, Any] = job_columns(reader, filters, order_by="pool_id, request_us, job_name")
    own = columns["pool_id"].astype(np.int64)
    one_of = {pool: group.pool_ids[0] for group in groups for pool in group.pool_ids}
    pools, place = np.unique(own, return_inverse=True)
    pool_id = np.array([one_of.get(int(pool), int(pool)) for pool in pools], dtype=np.int64)[place]
    order = np.lexsort((columns["request_us"], pool_id))
    bounds = np.flatnonzero(np.diff(pool_id[order], prepend=-1))
    return Merged(
        groups=groups,
        job_id=columns["job_id"][order],
        own_pool_id=own[order],
        offsets=np.append(bounds, len(order)).astype(np.int64),
        request_us=columns["request_us"][order],
        release_us=columns["release_us"][order],
        usd_per_s=columns["usd_per_s"][order],
        is_counted=columns["is_counted"][order],
    )
