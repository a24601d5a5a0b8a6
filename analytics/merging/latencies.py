"""The P90 target of merges: which period brings a unit's P90 startup latency down to it.

Definition: docs/metrics/pool_merges.md. A unit's latencies are those of keep-alive advice,
with the gaps that its jobs have as one pool.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analytics.derived.matching import UNKNOWN
from analytics.keep_alive.replay import Jobs
from analytics.keep_alive.target import NEVER, Latencies, least_periods
from analytics.merging.unions import Parts, jobs_of

Int64s = NDArray[np.int64]

COLD_S = """, coalesce(
    startup_latency_s + case when start_kind = 'warm' then wait_saved_per_hit_s else 0 end,
    'nan'::double
) as cold_s"""
"""What a job's startup latency would be without a warm cluster, as a further column of jobs."""


def unit_latencies(parts: Parts, units: Sequence[Sequence[int]], united: Jobs) -> Latencies:
    """Return the known latencies of the counted jobs of each unit; `united` are its jobs."""
    cold_s = parts.cold_s[jobs_of(parts, units)[0]]
    is_known = united.is_counted & ~np.isnan(cold_s)
    unit, gap_us = united.pool_id[is_known], united.gap_us[is_known]
    every = np.arange(len(units))
    return Latencies(
        first=np.searchsorted(unit, every),
        last=np.searchsorted(unit, every, side="right"),
        pool_id=unit,
        cold_s=cold_s[is_known],
        saved_s=united.wait_saved_s[is_known],
        gap_s=np.where(gap_us == UNKNOWN, NEVER, gap_us // 1_000_000),
    )


def shortest_periods(
    steps_s: Sequence[Int64s], latencies: Latencies, target_s: float, limit_s: int
) -> Int64s:
    """Return the shortest of each unit's periods that meets the target; NO_PERIOD: none does."""
    within = [periods_s[periods_s <= limit_s] for periods_s in steps_s]
    unit = np.repeat(np.arange(len(within)), [len(periods_s) for periods_s in within])
    return least_periods(unit, np.concatenate(within), latencies, target_s)
