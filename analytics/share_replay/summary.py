"""What a replay says of each share, and how far it is from what happened."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.quantities import SECONDS_PER_HOUR
from analytics.share_replay.engines import epoch_us
from analytics.share_replay.replay import WAIT_CAUSES, Replay
from analytics.share_replay.requests import UNKNOWN, Floats
from analytics.share_replay.scenario import CapacityStep

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A replay beside the recorded history, over jobs of which both are known.

    An error is |replayed - observed| / observed; None where the observed value is 0 or unknown.
    Makespan is from the first request to the last end; allocation is work / (capacity x makespan),
    so its error is that of the makespan the other way round.
    """

    job_count: int
    replayed_wait_mean_s: float | None
    observed_wait_mean_s: float | None
    wait_mean_error_ratio: float | None
    replayed_wait_p90_s: float | None
    observed_wait_p90_s: float | None
    wait_p90_error_ratio: float | None
    replayed_makespan_s: float | None
    observed_makespan_s: float | None
    makespan_error_ratio: float | None
    replayed_allocation_ratio: float | None
    observed_allocation_ratio: float | None
    allocation_error_ratio: float | None


def share_summary(replay: Replay) -> pd.DataFrame:
    """Return one row a share, in the columns of `share_replay_summary`."""
    requests = replay.requests
    rows = []
    for share, name in enumerate(requests.share_names):
        is_share = requests.share == share
        is_counted = is_share & replay.is_replayed
        wait_s = replay.wait_s[is_counted]
        quantiles = np.quantile(wait_s, (0.5, 0.9)) if len(wait_s) else (np.nan, np.nan)
        lost_s = replay.lost_s[is_share] * requests.size[is_share]
        rows.append(
            {
                "share_name": name or None,
                "job_count": int(is_counted.sum()),
                "not_replayed_count": int(is_share.sum() - is_counted.sum()),
                "queue_wait_mean_s": wait_s.mean() if len(wait_s) else np.nan,
                "queue_wait_p50_s": quantiles[0],
                "queue_wait_p90_s": quantiles[1],
                "allocation_ratio": allocation_ratio(replay, is_counted, name),
                "preempted_count": int(replay.preempted_count[is_share].sum()),
                "ended_early_count": int((replay.note[is_share] == "ended_by_preemption").sum()),
                "lost_instance_h": np.nansum(lost_s) / SECONDS_PER_HOUR,
                "observed_wait_mean_s": _mean(_observed(replay, is_counted)[1]),
                "calibration_error_ratio": _error(
                    *(_mean(waits) for waits in _observed(replay, is_counted))
                ),
            }
        )
    return pd.DataFrame(rows, columns=list(rows[0]) if rows else _SUMMARY_COLUMNS)


_SUMMARY_COLUMNS = [
    "share_name", "job_count", "not_replayed_count", "queue_wait_mean_s", "queue_wait_p50_s",
    "queue_wait_p90_s", "allocation_ratio", "preempted_count", "ended_early_count",
    "lost_instance_h", "observed_wait_mean_s", "calibration_error_ratio",
]  # fmt: skip


def wait_causes(replay: Replay) -> pd.DataFrame:
    """Return one row a share and cause: how many jobs waited for it, and how long in all."""
    requests = replay.requests
    rows = [
        {
            "share_name": name or None,
            "wait_cause": cause,
            "job_count": int((replay.cause_s[requests.share == share, column] > 0).sum()),
            "waited_s": float(replay.cause_s[requests.share == share, column].sum()),
        }
        for share, name in enumerate(requests.share_names)
        for column, cause in enumerate(WAIT_CAUSES)
    ]
    return pd.DataFrame(rows, columns=["share_name", "wait_cause", "job_count", "waited_s"])


def allocation_ratio(replay: Replay, is_counted: Flags, share_name: str) -> float:
    """Return size x run of the counted jobs over capacity x (last end - first request).

    The time is that of all replayed jobs of the pool of capacity, so that the shares of a queue
    add up; a run that preemption cut off does not count. NaN without such a time.
    """
    scenario, requests = replay.scenario, replay.requests
    is_pool, steps = replay.is_replayed, scenario.capacity
    if scenario.scope == "share":
        is_pool = is_pool & (requests.share == requests.share_names.index(share_name))
        steps = pool_capacity(replay, share_name)
    if not is_pool.any():
        return float("nan")
    available = capacity_s(steps, requests.created_us[is_pool].min(), replay.end_us[is_pool].max())
    has_ended = is_counted & (replay.note != "ended_by_preemption")
    work_s = (requests.run_us[has_ended] / 1e6 * requests.size[has_ended]).sum()
    return float(work_s / available) if available > 0 else float("nan")


def pool_capacity(replay: Replay, share_name: str) -> tuple[CapacityStep, ...]:
    """Return the capacity of a share's own pool, where each share has one."""
    scenario = replay.scenario
    for name, steps in scenario.share_capacities:
        if name == share_name:
            return steps
    return (CapacityStep(None, scenario.share(share_name).quota or 0.0),)


def capacity_s(steps: tuple[CapacityStep, ...], since_us: int, until_us: int) -> float:
    """Return capacity x seconds between two instants."""
    return sum(
        step.capacity * max(0, min(last_us, until_us) - max(first_us, since_us)) / 1e6
        for step, first_us, last_us in _spans(steps)
    )


def _spans(steps: tuple[CapacityStep, ...]) -> Iterator[tuple[CapacityStep, int, int]]:
    limit_us = np.iinfo(np.int64).max
    starts = [-limit_us, *(epoch_us(step.since) for step in steps[1:] if step.since)]
    yield from zip(steps, starts, [*starts[1:], limit_us], strict=True)


def calibration(replay: Replay) -> Calibration:
    """Return how far a replay of the settings in force is from what happened."""
    requests = replay.requests
    is_known = (
        replay.is_replayed
        & (requests.observed_start_us != UNKNOWN)
        & (requests.observed_end_us != UNKNOWN)
        & ~np.isnan(requests.observed_wait_s)
    )
    replayed_s, observed_s = _observed(replay, is_known)
    replayed_p90, observed_p90 = (_p90(waits) for waits in (replayed_s, observed_s))
    makespans: list[float | None] = [None, None]
    allocations: list[float | None] = [None, None]
    if is_known.any():
        first_us = requests.created_us[is_known].min()
        work_s = (requests.run_us[is_known] / 1e6 * requests.size[is_known]).sum()
        for at, ends_us in enumerate((replay.end_us, requests.observed_end_us)):
            last_us = ends_us[is_known].max()
            available = capacity_s(replay.scenario.capacity, first_us, last_us)
            makespans[at] = float(last_us - first_us) / 1e6
            allocations[at] = float(work_s / available) if available > 0 else None
    return Calibration(
        job_count=int(is_known.sum()),
        replayed_wait_mean_s=_mean(replayed_s),
        observed_wait_mean_s=_mean(observed_s),
        wait_mean_error_ratio=_error(_mean(replayed_s), _mean(observed_s)),
        replayed_wait_p90_s=replayed_p90,
        observed_wait_p90_s=observed_p90,
        wait_p90_error_ratio=_error(replayed_p90, observed_p90),
        replayed_makespan_s=makespans[0],
        observed_makespan_s=makespans[1],
        makespan_error_ratio=_error(*makespans),
        replayed_allocation_ratio=allocations[0],
        observed_allocation_ratio=allocations[1],
        allocation_error_ratio=_error(*allocations),
    )


def _observed(replay: Replay, is_counted: Flags) -> tuple[Floats, Floats]:
    """Return replayed and observed waits of the jobs of which both are known."""
    is_known = is_counted & ~np.isnan(replay.requests.observed_wait_s)
    return replay.wait_s[is_known], replay.requests.observed_wait_s[is_known]


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None


def _p90(values: Floats) -> float | None:
    return float(np.quantile(values, 0.9)) if len(values) else None


def _error(replayed: float | None, observed: float | None) -> float | None:
    """Return |replayed - observed| / observed.

    >>> _error(3.0, 2.0), _error(3.0, 0.0), _error(None, 2.0)
    (0.5, None, None)
    """
    if replayed is None or not observed:
        return None
    return abs(replayed - observed) / observed
