"""FIFO, shortest job first and EASY backfill, job by job against a slow and obvious replay."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.share_replay.scenario import CapacityStep, Scenario
from tests.analytics.share_replay.histories import Row, replayed, rows_by_chance, starts

CAPACITY = 12


def slow_starts(rows: Sequence[Row], policy: str, backfill: str) -> dict[str, float]:
    """Step from instant to instant over plain lists; every decision looks at every job."""
    waiting: list[int] = []
    running: list[tuple[float, int]] = []
    to_come = sorted(range(len(rows)), key=lambda job: (rows[job].created_s, job))
    found: dict[str, float] = {}

    def free() -> float:
        return CAPACITY - sum(rows[job].size for _, job in running)

    def begin(job: int, now_s: float) -> None:
        waiting.remove(job)
        running.append((now_s + rows[job].run_s, job))
        found[f"job-{job}"] = now_s

    def key(job: int) -> tuple[float, ...]:
        age = (rows[job].created_s, job)
        return (rows[job].run_s, *age) if policy == "sjf" else age

    while to_come or running:
        now_s = min([rows[job].created_s for job in to_come] + [end_s for end_s, _ in running])
        running = [(end_s, job) for end_s, job in running if end_s > now_s]
        while to_come and rows[to_come[0]].created_s <= now_s:
            waiting.append(to_come.pop(0))
        waiting.sort(key=key)
        while waiting and rows[waiting[0]].size <= free():
            begin(waiting[0], now_s)
        if backfill == "none" or not waiting:
            continue
        head, *others = waiting
        room, promised_s = free(), float("inf")
        for end_s in sorted({end_s for end_s, _ in running}):
            room += sum(rows[job].size for ends, job in running if ends == end_s)
            if room >= rows[head].size:
                promised_s = end_s
                break
        extra = room - rows[head].size
        for job in others:
            if rows[job].size > free():
                continue
            if now_s + rows[job].run_s <= promised_s:
                begin(job, now_s)
            elif rows[job].size <= extra:
                extra -= rows[job].size
                begin(job, now_s)
    return found


@pytest.mark.parametrize("backfill", ["none", "easy"])
@pytest.mark.parametrize("policy", ["fifo", "sjf"])
@settings(deadline=None)  # the first call compiles
@given(rows=rows_by_chance())
def test_every_job_starts_when_a_slow_replay_starts_it(
    rows: list[Row], policy: str, backfill: str
) -> None:
    scenario = Scenario(policy, (CapacityStep(None, CAPACITY),), backfill=backfill)
    assert starts(replayed(rows, scenario)) == slow_starts(rows, policy, backfill)


@pytest.mark.parametrize("backfill", ["none", "easy"])
@pytest.mark.parametrize("policy", ["fifo", "sjf"])
def test_a_long_busy_history_agrees_too(policy: str, backfill: str) -> None:
    chance = np.random.default_rng(1993)
    created_s = np.cumsum(chance.exponential(40, 2000).round())
    rows = [
        Row(created_s, run_s, size)
        for created_s, run_s, size in zip(
            created_s.tolist(),
            chance.exponential(150, 2000).round().tolist(),
            chance.choice([1.0, 2, 4, 8], 2000).tolist(),
            strict=True,
        )
    ]
    scenario = Scenario(policy, (CapacityStep(None, CAPACITY),), backfill=backfill)
    found = starts(replayed(rows, scenario))
    assert found == slow_starts(rows, policy, backfill)
    assert len(set(found.values()) - set(created_s.tolist())) > 100  # many did wait


def test_the_head_of_the_line_blocks_a_job_that_would_fit() -> None:
    rows = [Row(0, 100, 8), Row(1, 100, 8), Row(2, 10, 4)]
    assert starts(replayed(rows, Scenario.of("fifo", 12))) == {
        "job-0": 0, "job-1": 100, "job-2": 100,
    }  # fmt: skip
    answer = replayed(rows, Scenario.of("fifo", 12))
    # full, share limit, head of line, not yet eligible
    assert answer.cause_s[1].tolist() == [99, 0, 0, 0]
    assert answer.cause_s[2].tolist() == [0, 0, 98, 0]


def test_backfill_does_not_delay_the_head_of_the_line() -> None:
    rows = [Row(0, 100, 8), Row(1, 100, 8), Row(2, 10, 4), Row(3, 500, 4)]
    scenario = Scenario("fifo", (CapacityStep(None, 12),), backfill="easy")
    # the third ends before the head can start; the fourth fits beside the head, for as long
    assert starts(replayed(rows, scenario)) == {
        "job-0": 0, "job-1": 100, "job-2": 2, "job-3": 12,
    }  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.integers(0, 20).map(float), min_size=1, max_size=30))
def test_one_server_in_order_follows_lindley(gaps_s: list[float]) -> None:
    """W(n+1) = max(0, W(n) + S(n) - gap(n)): Lindley 1952."""
    created_s = np.cumsum(gaps_s).tolist()
    run_s = [float((7 * at) % 13) for at in range(len(gaps_s))]
    waits_s = [0.0]
    for at in range(1, len(gaps_s)):
        waits_s.append(max(0.0, waits_s[-1] + run_s[at - 1] - gaps_s[at]))
    rows = [Row(created, run, 1) for created, run in zip(created_s, run_s, strict=True)]
    assert replayed(rows, Scenario.of("fifo", 1)).wait_s.tolist() == waits_s


def test_the_mean_wait_of_one_server_is_that_of_pollaczek_and_khinchine() -> None:
    """Poisson requests, exponential runs, load 0.5: the mean wait is one mean run (M/M/1)."""
    chance = np.random.default_rng(7)
    count = 400_000
    created_s = np.cumsum(chance.exponential(200.0, count))
    run_s = chance.exponential(100.0, count)
    rows = [Row(a, b, 1) for a, b in zip(created_s.tolist(), run_s.tolist(), strict=True)]
    assert replayed(rows, Scenario.of("fifo", 1)).wait_s.mean() == pytest.approx(100, rel=0.03)
