"""Fair share: entitlements by weight in the long run, order, reservation, and a slow replay."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.share_replay.replay import Replay
from analytics.share_replay.scenario import CapacityStep, Scenario, Share
from tests.analytics.share_replay.histories import Row, replayed, rows_by_chance, starts

CAPACITY = 12
WEIGHTS = {"a": 1.0, "b": 3.0, "c": 5.0}
SHARES = tuple(Share(name, weight) for name, weight in WEIGHTS.items())


def slow_starts(rows: Sequence[Row], decay_s: float) -> dict[str, float]:
    """Usage is summed up again at each decision, from every attempt there was."""
    waiting: list[int] = []
    held: list[tuple[float, float, int]] = []  # start, end, job
    to_come = sorted(range(len(rows)), key=lambda job: (rows[job].created_s, job))
    found: dict[str, float] = {}
    now_s = -1.0

    def usage(share: str, now_s: float) -> float:
        total = 0.0
        for start_s, end_s, job in held:
            if rows[job].share == share:
                last_s = min(end_s, now_s)
                kept = math.exp((last_s - now_s) / decay_s) - math.exp((start_s - now_s) / decay_s)
                if start_s == now_s:  # a start counts as what it will have used at its end
                    kept = 1 - math.exp(-rows[job].run_s / decay_s)
                total += rows[job].size * WEIGHTS[share] * decay_s * kept
        return total

    while to_come or any(end_s > now_s for _, end_s, _ in held):
        now_s = min(
            [rows[job].created_s for job in to_come]
            + [end_s for _, end_s, _ in held if end_s > now_s]
        )
        while to_come and rows[to_come[0]].created_s <= now_s:
            waiting.append(to_come.pop(0))
        while waiting:
            heads = {
                share: min(
                    (job for job in waiting if rows[job].share == share),
                    key=lambda job: (-rows[job].priority, rows[job].created_s, job),
                )
                for share in sorted({rows[job].share for job in waiting})
            }
            # sums of the same numbers in another order differ in their last digits
            least = min(usage(share, now_s) for share in heads)
            equals = [s for s in heads if usage(s, now_s) <= least * (1 + 1e-9) + 1e-12]
            chosen = min((rows[heads[s]].created_s, heads[s]) for s in equals)[1]
            used = sum(rows[job].size for _, end_s, job in held if end_s > now_s)
            if rows[chosen].size > CAPACITY - used:
                break
            waiting.remove(chosen)
            held.append((now_s, now_s + rows[chosen].run_s, chosen))
            found[f"job-{chosen}"] = now_s
    return found


@settings(deadline=None)  # the first call compiles
@given(rows=rows_by_chance().map(lambda rows: [r._replace(run_s=r.run_s + 1) for r in rows]))
def test_every_job_starts_when_a_slow_replay_starts_it(rows: list[Row]) -> None:
    scenario = Scenario("fair_share", (CapacityStep(None, CAPACITY),), decay_s=20, shares=SHARES)
    assert starts(replayed(rows, scenario)) == slow_starts(rows, 20)


def saturated(run_s: Sequence[float], capacity: float, decay_s: float) -> Replay:
    """Three shares that have jobs waiting all the time."""
    rows = [Row(0, run, 1 + at % 3, share) for share in WEIGHTS for at, run in enumerate(run_s)]
    return replayed(
        rows,
        Scenario("fair_share", (CapacityStep(None, capacity),), decay_s=decay_s, shares=SHARES),
    )


@pytest.mark.parametrize("decay_s", [0.0, 86_400.0])
@pytest.mark.parametrize("capacity", [46, 99])
@pytest.mark.parametrize("is_in_lockstep", [True, False])
def test_weights_of_1_3_and_5_get_their_entitlements_in_the_long_run(
    decay_s: float, capacity: int, *, is_in_lockstep: bool
) -> None:
    """Published: 65.2, 21.7 and 13.0 %; (1/w) / (1/1 + 1/3 + 1/5)."""
    count = 20_000
    run_s = [60.0] * count
    if not is_in_lockstep:
        run_s = np.random.default_rng(5).exponential(60.0, count).tolist()
    answer = saturated(run_s, capacity, decay_s)
    of_share = answer.requests.share
    until_us = min(answer.start_us[of_share == share].max() for share in range(3))
    held_us = np.clip(np.minimum(answer.end_us, until_us) - answer.start_us, 0, None)
    used = [(held_us * answer.requests.size)[of_share == share].sum() for share in range(3)]
    for share, published in enumerate((0.652, 0.217, 0.130)):
        assert used[share] / sum(used) == pytest.approx(published, abs=0.01)


def test_a_decay_of_0_stands_for_600_seconds() -> None:
    rows = [Row(0, 300, 8, "a"), Row(10, 50, 6, "b"), Row(20, 40, 6, "c"), Row(900, 9, 12, "a")]
    rows += [Row(30 + at, 35 + at, 5, "abc"[at % 3]) for at in range(12)]
    answers = [
        starts(replayed(rows, Scenario("fair_share", (CapacityStep(None, 12),), decay_s=decay_s)))
        for decay_s in (0, 600)
    ]
    assert answers[0] == answers[1]


def test_capacity_is_kept_for_shares_that_are_not_active() -> None:
    """AWS: (computeReservation / 100) ^ (active shares) of the capacity."""
    rows = [Row(0, 1000, 1, "a") for _ in range(100)]
    answer = replayed(
        rows, Scenario("fair_share", (CapacityStep(None, 100),), reservation_ratio=0.5)
    )
    assert sum(start_s == 0 for start_s in starts(answer).values()) == 50
    assert answer.cause_s[-1].tolist() == [0, 1000, 0, 0]  # room there was, but not for share a
    with_b = replayed(
        [*rows, *(Row(1, 1000, 1, "b") for _ in range(100))],
        Scenario("fair_share", (CapacityStep(None, 100),), reservation_ratio=0.5),
    )
    early = [start_s for start_s in starts(with_b).values() if start_s <= 1]
    assert len(early) == 75  # two active shares: a quarter is kept


def test_a_reservation_does_not_keep_a_job_from_ever_starting() -> None:
    rows = [Row(0, 10, 100, "a"), Row(0, 10, 60, "a"), Row(0, 10, 60, "a")]
    answer = replayed(
        rows, Scenario("fair_share", (CapacityStep(None, 100),), reservation_ratio=0.5)
    )
    assert starts(answer) == {"job-0": 0, "job-1": 10, "job-2": 20}


@settings(deadline=None)
@given(rows_by_chance(), st.floats(0, 0.9), st.sampled_from([0.0, 20.0, 5000.0]))
def test_fair_share_never_preempts(rows: list[Row], kept: float, decay_s: float) -> None:
    scenario = Scenario(
        "fair_share", (CapacityStep(None, CAPACITY),), decay_s=decay_s, reservation_ratio=kept,
        shares=SHARES,
    )  # fmt: skip
    answer = replayed(rows, scenario)
    assert answer.is_replayed.all()
    assert not answer.preempted_count.any()
