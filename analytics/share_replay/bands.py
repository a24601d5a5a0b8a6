"""Who holds a queue's capacity over time in a replay: owned, borrowed, lent, idle, preempted."""

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from analytics.lending import lent_by
from analytics.quantities import SECONDS_PER_HOUR
from analytics.share_replay.engines import epoch_us
from analytics.share_replay.replay import Replay
from analytics.share_replay.requests import Floats, Int64s
from analytics.share_replay.scenario import CapacityStep
from analytics.share_replay.summary import pool_capacity
from data.errors import WrongUseError

MEASURES = (
    "own_instance_h",
    "used_instance_h",
    "owned_used_instance_h",
    "borrowed_instance_h",
    "lent_instance_h",
    "idle_instance_h",
    "preempted_instance_h",
)
UNASSIGNED = "unassigned"
MOST_ROWS = 2_000_000

OWN, USED, OWNED_USED, BORROWED, LENT, IDLE, PREEMPTED = range(7)
BY_QUOTA, BY_WEIGHT, BY_USE = 0, 1, 2
"""What a share owns: its quota; its entitlement among the active shares; what it uses."""


def usage_bands(replay: Replay, step_s: float = SECONDS_PER_HOUR) -> pd.DataFrame:
    """Return one row a share and step of time, and a row `unassigned` for what no share owns.

    Columns: bin_at, share_name, MEASURES, capacity_instance_h (on every row: of the queue).
    `preempted_instance_h` is of attempts that preemption ended, in the steps that they ran in. Over
    the rows of a step, owned_used + borrowed + idle is the capacity, unless jobs ran on above a
    capacity that fell. In accelerators where the scenario counts those.

    Raises:
        WrongUseError: there would be more rows than anybody reads.
    """
    names = replay.requests.share_names
    first_us, sums, capacity = _sums(replay, step_s)
    count = len(capacity)
    labels = np.array([name or None for name in names] + [UNASSIGNED], dtype=object)
    bin_us = (first_us + np.arange(count) * round(step_s * 1e6)).astype(np.int64)
    frame = pd.DataFrame(
        {
            "bin_at": pd.to_datetime(np.repeat(bin_us, len(labels)), unit="us", utc=True),
            "share_name": pd.Series(np.tile(labels, count), dtype="str"),
        }
    )
    for at, name in enumerate(MEASURES):
        frame[name] = sums[:, :, at].reshape(-1) / SECONDS_PER_HOUR
    frame["capacity_instance_h"] = np.repeat(capacity, len(labels)) / SECONDS_PER_HOUR
    return frame


def peak_allocation_ratio(replay: Replay, step_s: float = SECONDS_PER_HOUR) -> float:
    """Return the highest allocation of any step: capacity in use / capacity; NaN without jobs."""
    _, sums, capacity = _sums(replay, step_s)
    used = sums[:, :, USED].sum(axis=1)
    ratios = used[capacity > 0] / capacity[capacity > 0]
    return float(ratios.max()) if len(ratios) else float("nan")


def _sums(replay: Replay, step_s: float) -> tuple[int, Floats, Floats]:
    """Return the first step's start, and capacity-seconds by step, share and measure."""
    requests, of = replay.requests, replay.attempts
    share_count = len(requests.share_names)
    step_us = round(step_s * 1e6)
    if not len(of.job):
        return 0, np.zeros((0, share_count + 1, len(MEASURES))), np.zeros(0)
    begin_us = requests.created_us[replay.is_replayed].min()
    last_us = of.end_us.max()
    first_us = int(begin_us // step_us * step_us)
    count = int((last_us - first_us) // step_us + 1)
    if count * (share_count + 1) > MOST_ROWS:
        raise WrongUseError(
            f"Steps of {step_s:g} s make {count:,} steps.",
            next_action="Choose longer steps, or a shorter time range.",
        )
    # an event: (instant, share, change of use, of preempted use, of waiting jobs)
    job_share, size = requests.share[of.job], requests.size[of.job]
    waiting = np.flatnonzero(replay.is_replayed)
    wait_share, ones = requests.share[waiting], np.ones(len(waiting))
    at_us = np.concatenate(
        [of.start_us, of.end_us, requests.created_us[waiting], replay.end_us[waiting]]
    )
    share = np.concatenate([job_share, job_share, wait_share, wait_share])
    nothing = np.zeros(2 * len(waiting))
    used = np.concatenate([size, -size, nothing])
    lost = np.concatenate([size * of.is_preempted, -size * of.is_preempted, nothing])
    active = np.concatenate([np.zeros(2 * len(of.job)), ones, -ones])
    order = np.argsort(at_us, kind="stable")
    since_us, capacity, own = _ownership(replay)
    sums, capacities = _fill(
        at_us[order], share[order], used[order], lost[order], active[order],
        since_us, capacity, own, _is_lending(replay), _way(replay),
        int(begin_us), first_us, step_us, count,
    )  # fmt: skip
    return first_us, sums, capacities


def _way(replay: Replay) -> int:
    scenario = replay.scenario
    if scenario.scope == "share" or scenario.policy == "quota":
        return BY_QUOTA
    return BY_WEIGHT if scenario.policy == "fair_share" else BY_USE


def _is_lending(replay: Replay) -> NDArray[np.bool_]:
    scenario = replay.scenario
    if scenario.scope == "share":
        return np.zeros(len(replay.requests.share_names), dtype=bool)
    return np.array(
        [
            scenario.policy != "quota" or scenario.share(name).strategy != "RESERVE"
            for name in replay.requests.share_names
        ],
        dtype=bool,
    )


def _ownership(replay: Replay) -> tuple[Int64s, Floats, Floats]:
    """Return when capacity changes, the queue's capacity, and what each share owns or its 1 / w."""
    scenario, names = replay.scenario, replay.requests.share_names
    pools = [scenario.capacity]
    if scenario.scope == "share":
        pools = [pool_capacity(replay, name) for name in names]
    instants = {epoch_us(step.since) for steps in pools for step in steps[1:] if step.since}
    since_us = np.array([np.iinfo(np.int64).min, *sorted(instants)], dtype=np.int64)
    by_pool = np.array([[_at(steps, int(at_us)) for at_us in since_us] for steps in pools])
    capacity = by_pool.sum(axis=0)
    if scenario.scope == "share":
        return since_us, capacity, by_pool.T.copy()
    if scenario.policy == "quota":
        quota = np.array([scenario.share(name).quota or 0.0 for name in names])
        others = sum(share.quota or 0.0 for share in scenario.shares if share.name not in names)
        # where there is less than all quotas, each share owns its part of it
        total = max(float(quota.sum()) + others, 1e-9)
        own = np.minimum(1.0, capacity / total)[:, None] * quota[None, :]
    else:
        own = np.array([[1 / scenario.share(name).weight for name in names]] * len(since_us))
    return since_us, capacity, own


def _at(steps: tuple[CapacityStep, ...], at_us: int) -> float:
    begun = [step for step in steps[1:] if step.since and epoch_us(step.since) <= at_us]
    return (begun or steps)[-1 if begun else 0].capacity


@njit(cache=True)
def _fill(
    at_us: Int64s,
    share: Int64s,
    used: Floats,
    lost: Floats,
    active: Floats,
    since_us: Int64s,
    capacity: Floats,
    own: Floats,
    is_lending: NDArray[np.bool_],
    way: int,
    begin_us: int,
    first_us: int,
    step_us: int,
    count: int,
) -> tuple[Floats, Floats]:
    """Walk the instants at which anything changes; each interval goes to the steps it lies in."""
    share_count = len(is_lending)
    sums = np.zeros((count, share_count + 1, 7))
    capacities = np.zeros(count)
    now_used, now_lost = np.zeros(share_count), np.zeros(share_count)
    now_active = np.zeros(share_count)
    bands = np.zeros((share_count + 1, 7))
    event, step, now_us = 0, 0, begin_us
    while event < len(at_us):
        while event < len(at_us) and at_us[event] <= now_us:
            now_used[share[event]] += used[event]
            now_lost[share[event]] += lost[event]
            now_active[share[event]] += active[event]
            event += 1
        while step + 1 < len(since_us) and since_us[step + 1] <= now_us:
            step += 1
        if event == len(at_us):
            break
        until_us = at_us[event]
        if step + 1 < len(since_us):
            until_us = min(until_us, since_us[step + 1])
        _set_bands(
            bands, now_used, now_lost, now_active, capacity[step], own[step], is_lending, way
        )
        while now_us < until_us:
            place = (now_us - first_us) // step_us
            part_us = min(until_us, first_us + (place + 1) * step_us)
            seconds = (part_us - now_us) / 1e6
            sums[place] += bands * seconds
            capacities[place] += capacity[step] * seconds
            now_us = part_us
    return sums, capacities


@njit(cache=True)
def _set_bands(
    bands: Floats,
    used: Floats,
    lost: Floats,
    active: Floats,
    capacity: float,
    own: Floats,
    is_lending: NDArray[np.bool_],
    way: int,
) -> None:
    """Set what each share owns, uses, borrows, lends and leaves idle at an instant."""
    count = len(used)
    entitled = 0.0
    for share in range(count):
        if active[share] > 0:
            entitled += own[share]
    unused = unused_of_lenders = borrowed = owned = 0.0
    for share in range(count):
        mine = own[share]
        if way == BY_USE:
            mine = used[share]
        elif way == BY_WEIGHT:
            mine = capacity * own[share] / entitled if active[share] > 0 else 0.0
        bands[share, OWN] = mine
        bands[share, USED] = used[share]
        bands[share, OWNED_USED] = min(used[share], mine)
        bands[share, BORROWED] = max(0.0, used[share] - mine)
        bands[share, PREEMPTED] = lost[share]
        owned += mine
        borrowed += bands[share, BORROWED]
        unused = mine - bands[share, OWNED_USED]
        if is_lending[share]:
            unused_of_lenders += unused
    bands[count, OWN] = max(0.0, capacity - owned)
    # nothing of reserving shares: no engine lends it
    lent, of_nobody, _ = lent_by(borrowed, unused_of_lenders, bands[count, OWN], 0.0)
    for share in range(count):
        unused = bands[share, OWN] - bands[share, OWNED_USED]
        part = 0.0
        if is_lending[share] and unused_of_lenders > 0:
            part = lent * unused / unused_of_lenders
        bands[share, LENT] = part
        bands[share, IDLE] = unused - part
    bands[count, LENT] = of_nobody
    bands[count, IDLE] = bands[count, OWN] - bands[count, LENT]
