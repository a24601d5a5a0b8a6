"""What a replay comes to: waits of all jobs and of the share that waits longest, and lost work."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.quantities import SECONDS_PER_HOUR
from analytics.share_replay.replay import Replay
from analytics.share_replay.requests import Floats

LEAST_SHARE_JOBS = 10
"""A share of fewer jobs is not the one that waits longest: its P90 says too little."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Waits of the jobs that started; lost work in the unit of capacity times hours.

    The worst share is the one of the longest P90 wait, of those with enough jobs; of all where
    none has.
    """

    job_count: int
    wait_mean_s: float
    wait_p90_s: float
    worst_share: str
    worst_share_p90_s: float
    lost_h: float

    @property
    def objectives(self) -> tuple[float, float, float]:
        """What is to be low: mean wait, the worst share's P90 wait, lost work."""
        return self.wait_mean_s, self.worst_share_p90_s, self.lost_h


def measures(replayed: Replay, chosen: NDArray[np.bool_] | None = None) -> Measures | None:
    """Return the measures of a replay, over some of its jobs; None where none of them started."""
    counts = replayed.is_replayed if chosen is None else replayed.is_replayed & chosen
    if not counts.any():
        return None
    wait_s, share = replayed.wait_s[counts], replayed.requests.share[counts]
    names = replayed.requests.share_names
    job_counts = np.bincount(share, minlength=len(names))
    p90_s = share_quantiles(wait_s, share, len(names), 0.9)
    has_enough = job_counts >= min(LEAST_SHARE_JOBS, int(job_counts.max()))
    worst = int(np.argmax(np.where(has_enough, p90_s, -1.0)))
    lost_h = replayed.lost_s[counts] * replayed.requests.size[counts] / SECONDS_PER_HOUR
    return Measures(
        job_count=len(wait_s),
        wait_mean_s=float(wait_s.mean()),
        wait_p90_s=float(np.quantile(wait_s, 0.9)),
        worst_share=names[worst],
        worst_share_p90_s=float(p90_s[worst]),
        lost_h=float(lost_h.sum()),
    )


def share_quantiles(value: Floats, share: NDArray[np.int64], count: int, at: float) -> Floats:
    """Return the quantile of each share's values, by linear interpolation; NaN without any.

    >>> share_quantiles(np.array([1.0, 3.0, 7.0]), np.array([0, 0, 2]), 3, 0.5).tolist()
    [2.0, nan, 7.0]
    """
    order = np.lexsort((value, share))
    ends = np.cumsum(np.bincount(share, minlength=count))
    found = np.full(count, np.nan)
    for number in range(count):
        values = value[order[(ends[number - 1] if number else 0) : ends[number]]]
        if len(values):
            found[number] = np.quantile(values, at)
    return found
