"""Laws of every engine: it ends, conserves work, respects capacity and order, and is repeatable."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.share_replay.replay import Replay
from analytics.share_replay.scenario import STRATEGIES, UNLIMITED, CapacityStep, Scenario, Share
from tests.analytics.share_replay.histories import Row, replayed, rows_by_chance, starts

CAPACITY = 12

shares = st.tuples(
    *(
        st.builds(
            Share,
            name=st.just(name),
            weight=st.sampled_from([0.5, 1.0, 4.0]),
            quota=st.integers(0, 8).map(float),
            strategy=st.sampled_from(STRATEGIES),
            borrow_limit_pct=st.sampled_from([UNLIMITED, 0.0, 50.0, 200.0]),
            has_in_share_preemption=st.booleans(),
        )
        for name in ("a", "b", "c")
    )
)
fixed = st.builds(
    Scenario,
    policy=st.sampled_from(["fifo", "sjf", "fair_share", "quota"]),
    capacity=st.just((CapacityStep(None, CAPACITY),)),
    decay_s=st.sampled_from([0.0, 30.0]),
    reservation_ratio=st.sampled_from([0.0, 0.5]),
    preemption_retries=st.sampled_from([None, None, 0, 2]),
    shares=shares,
)
scenarios = st.one_of(
    fixed,
    fixed.map(lambda one: replace(one, backfill="easy") if one.policy in ("fifo", "sjf") else one),
    fixed.map(lambda one: replace(one, scope="share")),
)
steps = st.lists(st.tuples(st.integers(0, 80), st.integers(0, 14)), min_size=1, max_size=5).map(
    lambda pairs: tuple(
        CapacityStep(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=since_s), capacity)
        for since_s, capacity in sorted(dict(pairs).items())
    )
)


def used_at(answer: Replay, at_us: int, share: int | None = None) -> float:
    of = answer.attempts
    is_held = (of.start_us <= at_us) & (at_us < of.end_us)
    if share is not None:
        is_held &= answer.requests.share[of.job] == share
    return float(answer.requests.size[of.job][is_held].sum())


def moments(answer: Replay) -> Sequence[int]:
    return np.unique(answer.attempts.start_us).tolist()


@settings(deadline=None, max_examples=60)
@given(rows_by_chance(), scenarios)
def test_every_job_ends_unless_it_can_never_fit(rows: list[Row], scenario: Scenario) -> None:
    answer = replayed(rows, scenario)
    for job, name in enumerate(answer.requests.job_name):
        row = rows[int(name.removeprefix("job-"))]
        if answer.note[job] == "ended_by_preemption":
            assert answer.preempted_count[job] == scenario.preemption_retries + 1
        elif answer.is_replayed[job]:
            assert answer.end_us[job] - answer.start_us[job] == row.run_s * 1e6
            assert answer.start_us[job] >= row.created_s * 1e6
        else:
            assert answer.note[job] in ("larger_than_capacity", "larger_than_share")
            own = scenario.share(row.share)
            assert row.size > (own.quota or 0)
            assert scenario.policy == "quota" or scenario.scope == "share"


@settings(deadline=None, max_examples=60)
@given(rows_by_chance(), scenarios)
def test_work_is_conserved(rows: list[Row], scenario: Scenario) -> None:
    answer = replayed(rows, scenario)
    of, requests = answer.attempts, answer.requests
    held_s = ((of.end_us - of.start_us) / 1e6 * requests.size[of.job]).sum()
    has_ended = answer.is_replayed & (answer.note == "")
    run_s = (requests.run_us / 1e6 * requests.size)[has_ended].sum()
    assert held_s == pytest.approx(run_s + (answer.lost_s * requests.size).sum())
    assert of.is_preempted.sum() == answer.preempted_count.sum()


@settings(deadline=None, max_examples=60)
@given(rows_by_chance(), scenarios)
def test_capacity_is_never_exceeded(rows: list[Row], scenario: Scenario) -> None:
    answer = replayed(rows, scenario)
    for at_us in moments(answer):
        if scenario.scope == "queue":
            assert used_at(answer, at_us) <= CAPACITY
        for number, name in enumerate(answer.requests.share_names):
            own = scenario.share(name)
            used = used_at(answer, at_us, number)
            if scenario.scope == "share":
                assert used <= (own.quota or 0)
            elif scenario.policy == "quota":
                limit = own.borrow_limit_pct if own.strategy == "LEND_AND_BORROW" else 0
                if limit != UNLIMITED:
                    assert used <= (own.quota or 0) * (1 + limit / 100) + 1e-9


@settings(deadline=None, max_examples=60)
@given(rows_by_chance(), shares)
def test_no_more_is_borrowed_than_lenders_leave_idle(
    rows: list[Row], settings_of: tuple[Share, ...]
) -> None:
    scenario = Scenario("quota", (CapacityStep(None, 30),), shares=settings_of)
    answer = replayed(rows, scenario)
    for at_us in moments(answer):
        borrowed = idle = 0.0
        for number, name in enumerate(answer.requests.share_names):
            own = scenario.share(name)
            used = used_at(answer, at_us, number)
            borrowed += max(0.0, used - (own.quota or 0))
            idle += max(0.0, (own.quota or 0) - used) * (own.strategy != "RESERVE")
        for own in settings_of:
            if own.name not in answer.requests.share_names:
                idle += (own.quota or 0) * (own.strategy != "RESERVE")
        assert borrowed <= idle


@settings(deadline=None, max_examples=60)
@given(rows_by_chance(), scenarios)
def test_jobs_of_a_share_start_in_order_unless_one_was_preempted_or_backfilled(
    rows: list[Row], scenario: Scenario
) -> None:
    if scenario.backfill == "easy":
        return
    answer = replayed(rows, scenario)
    of, requests = answer.attempts, answer.requests
    if of.is_preempted.any():
        return

    def goes_before(job: int) -> tuple[float, ...]:
        if scenario.policy == "fifo":
            return (0.0,)
        if scenario.policy == "sjf":
            return (float(requests.run_us[job]),)
        return (-float(requests.priority[job]),)

    for job in range(len(rows)):
        for other in range(len(rows)):
            is_both = answer.is_replayed[job] and answer.is_replayed[other]
            if is_both and requests.share[job] == requests.share[other]:
                is_ahead = (*goes_before(job), job) < (*goes_before(other), other)
                if is_ahead and answer.start_us[other] >= requests.created_us[job]:
                    assert answer.start_us[job] <= answer.start_us[other]


@settings(deadline=None, max_examples=60)
@given(rows_by_chance(), shares, st.sampled_from([10, 12, 30]))
def test_preemption_does_not_go_back_and_forth(
    rows: list[Row], settings_of: tuple[Share, ...], capacity: int
) -> None:
    """Nobody is preempted but for a job that starts then, of higher priority or another share;
    and no pair of jobs takes each other's place in turn."""
    scenario = Scenario("quota", (CapacityStep(None, capacity),), shares=settings_of)
    answer = replayed(rows, scenario)
    of, requests = answer.attempts, answer.requests
    for at in np.flatnonzero(of.is_preempted):
        victim = of.job[at]
        takers = of.job[(of.start_us == of.end_us[at]) & (of.job != victim)]
        assert len(takers)
        assert any(
            requests.share[taker] != requests.share[victim]
            or requests.priority[taker] > requests.priority[victim]
            for taker in takers
        )
    # a preempted attempt has its end at a request, an end or a capacity step: finitely many
    assert len(of.job) <= len(rows) * (2 * len(rows) + 1)


@settings(deadline=None, max_examples=60)
@given(rows_by_chance(), scenarios)
def test_the_causes_of_a_wait_add_up_to_it(rows: list[Row], scenario: Scenario) -> None:
    answer = replayed(rows, scenario)
    assert (answer.cause_s >= 0).all()
    has_ended = answer.is_replayed & (answer.note == "")
    waited_s = answer.wait_s - answer.lost_s
    assert answer.cause_s.sum(axis=1)[has_ended] == pytest.approx(waited_s[has_ended])


@settings(deadline=None, max_examples=50)
@given(rows_by_chance(), scenarios, steps)
def test_nothing_starts_above_a_capacity_that_changes(
    rows: list[Row], scenario: Scenario, capacity: tuple[CapacityStep, ...]
) -> None:
    scenario = replace(scenario, capacity=capacity, scope="queue")
    answer = replayed(rows, scenario)
    since_us = [int((step.since - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1e6)
                for step in capacity if step.since]  # fmt: skip
    for at_us in moments(answer):
        now = max(0, int(np.searchsorted(since_us, at_us, side="right")) - 1)
        is_running_on = scenario.policy != "quota" and now > 0  # they never preempt
        if used_at(answer, at_us) > capacity[now].capacity:
            assert is_running_on
            started = answer.attempts.start_us == at_us
            is_long = answer.attempts.end_us > at_us
            assert not (started & is_long).any()
    for job in np.flatnonzero(~answer.is_replayed):
        assert answer.note[job] in ("larger_than_capacity", "larger_than_share")


@settings(deadline=None, max_examples=50)
@given(rows_by_chance(), scenarios)
def test_a_replay_is_repeatable(rows: list[Row], scenario: Scenario) -> None:
    one, other = replayed(rows, scenario), replayed(rows, scenario)
    assert starts(one) == starts(other)
    assert one.cause_s.tolist() == other.cause_s.tolist()
